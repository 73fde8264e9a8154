// The consumer's passport: readable without script, checked by script, and a failure shown as a failure.
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, expectAccessible, openPage } from "./browser.mjs";

const phone = { width: 390, height: 844 };
const state = (page) => page.locator("[data-proof-url]");
const until = (page, ...states) => page.waitForSelector(states.map((one) => `[data-proof-url][data-state="${one}"]`).join(","), { timeout: 60_000 });

async function bundleOf({ api, product }) {
  return (await fetch(`${api}/proof${product}`)).text();
}

async function withBundle(page, text) {
  await page.route("**/proof/**", (route) => route.fulfill({ status: 200, contentType: "application/json", body: text }));
}

export const passport = {
  async "passport is verified on a phone"(browser, { api, product, out }) {
    const { page, complaints } = await openPage(browser, phone);
    await page.goto(api + product);
    await until(page, "good", "bad", "unknown");
    const text = await state(page).innerText();
    expect((await state(page).getAttribute("data-state")) === "good", text);
    expect(/Verified on this device/.test(text) && /entries of \d+ products/.test(text), text);
    if (out !== undefined) {
      await page.screenshot({ path: `${out}/passport-390.png` });
      await page.screenshot({ path: `${out}/passport-390-full.png`, fullPage: true });
    }
    expect(complaints.length === 0, complaints.join("\n"));
    await expectAccessible(page);
  },

  async "passport reads without script"(browser, { api, product, out }) {
    const { page } = await openPage(browser, { ...phone, javaScript: false });
    await page.goto(api + product);
    const text = await page.locator("body").innerText();
    for (const word of ["SALAD-20260420-A", "ABC1234"]) expect(text.includes(word), `no ${word} in: ${text}`);
    expect(!/verified on this device/i.test(text), "claims a check that did not run");
    if (out !== undefined) await page.screenshot({ path: `${out}/passport-no-script.png`, fullPage: true });
  },

  async "passport names an altered field"(browser, context) {
    const bundle = JSON.parse(await bundleOf(context));
    const at = bundle.products.findIndex(({ uri }) => uri === bundle.subject);
    const entry = bundle.products[at].history[0];
    entry.occurredAt += 1;
    const { page } = await openPage(browser, phone);
    await withBundle(page, JSON.stringify(bundle));
    await page.goto(context.api + context.product);
    await until(page, "good", "bad", "unknown");
    const text = await state(page).innerText();
    expect((await state(page).getAttribute("data-state")) === "bad", text);
    expect(text.includes("occurredAt") && text.includes(bundle.subject), text);
    if (context.out !== undefined) await page.screenshot({ path: `${context.out}/passport-tampered.png`, fullPage: true });
    await expectAccessible(page);
  },

  async "passport refuses the proof of another product"(browser, context) {
    const bundle = JSON.parse(await bundleOf(context));
    const other = bundle.products.find(({ uri }) => uri !== bundle.subject).uri.replace("https://id.gs1.org", "");
    const { page } = await openPage(browser, phone);
    await withBundle(page, await bundleOf({ ...context, product: other }));
    await page.goto(context.api + context.product);
    await until(page, "good", "bad", "unknown");
    expect((await state(page).getAttribute("data-state")) === "bad", await state(page).innerText());
  },

  async "passport is not green when the chain cannot be asked"(browser, { api, rpc, product }) {
    const { page } = await openPage(browser, phone);
    await page.route(`${rpc}/**`, (route) => route.abort());
    await page.goto(api + product);
    await until(page, "good", "bad", "unknown");
    const text = await state(page).innerText();
    expect((await state(page).getAttribute("data-state")) === "unknown", text);
    expect(/could not/i.test(text), text);
  },

  async "passport is not green when the proof is not served"(browser, { api, product }) {
    const { page } = await openPage(browser, phone);
    await page.route("**/proof/**", (route) => route.fulfill({ status: 503, body: "{}" }));
    await page.goto(api + product);
    await until(page, "good", "bad", "unknown");
    expect((await state(page).getAttribute("data-state")) === "unknown", await state(page).innerText());
  },

  async "passport is light and blocks on no script"(browser, { api, product }) {
    const html = await (await fetch(api + product, { headers: { accept: "text/html" } })).text();
    const size = gzipSync(html).length;
    expect(size <= 14_000, `${size} bytes of gz HTML`);
    const { page } = await openPage(browser, { ...phone, javaScript: false });
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(api + product);
    // The Digital Link redirects to the page.
    const own = [api + product, `${api}/passport${product}`];
    expect(requests.every((url) => own.includes(url) || url.startsWith("data:")), requests.join());
    // A block of data is not run, so it holds nothing up (HTML, 4.12.1).
    const blocking = [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag).filter((tag) => !/ (defer|async)|type="(module|application\/ld\+json)"/.test(tag));
    expect(blocking.length === 0, blocking.join());
  },

  async "paint is measured"(browser, { api, product, out }) {
    const paints = [];
    for (let run = 0; run < 5; run += 1) {
      const { page, context } = await openPage(browser, phone);
      await page.goto(api + product, { waitUntil: "load" });
      const paint = await page.evaluate(() => new Promise((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntriesByName("first-contentful-paint")[0].startTime)).observe({ type: "paint", buffered: true });
      }));
      await until(page, "good", "bad", "unknown");
      paints.push({ firstContentfulPaintMs: Math.round(paint), checkedMs: Math.round(await page.evaluate(() => performance.now())) });
      await context.close();
    }
    expect(paints.every(({ firstContentfulPaintMs }) => firstContentfulPaintMs > 0), "nothing was painted");
    console.error(JSON.stringify(paints));
    if (out !== undefined) writeFileSync(`${out}/paint.json`, JSON.stringify(paints));
  },
};
