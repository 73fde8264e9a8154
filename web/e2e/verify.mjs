// The verify page, served and opened from disk: good, bad, and what could not be checked.
import { fileURLToPath } from "node:url";
import { expect, expectAccessible, openPage } from "./browser.mjs";

const offlinePage = new URL("../dist/verify.html", import.meta.url).href;

const file = (text) => ({ name: "bundle.json", mimeType: "application/json", buffer: Buffer.from(text) });

async function bundleOf({ api, product }) {
  return (await fetch(`${api}/proof${product}`)).text();
}

async function verdict(page, text) {
  await page.getByLabel("Drop a proof bundle").setInputFiles(file(text));
  await page.getByTestId("verdict").waitFor();
  return page.getByTestId("verdict").getAttribute("data-status");
}

async function open(browser, { api, rpc }, { withRpc = true, ...options } = {}) {
  const opened = await openPage(browser, options);
  await opened.page.goto(`${api}/app/verify`);
  if (withRpc) await opened.page.getByLabel("RPC endpoint (optional)").fill(rpc);
  await opened.page.getByText("as this site names them").waitFor();
  return opened;
}

export const verify = {
  async "verify finds a good bundle good"(browser, context) {
    const { page, complaints } = await open(browser, context);
    await expectAccessible(page);
    const status = await verdict(page, await bundleOf(context));
    const text = await page.getByTestId("verdict").innerText();
    expect(status === "ok" && text.includes("Verified on this device"), text);
    await expectAccessible(page);
    if (context.out !== undefined) await page.screenshot({ path: `${context.out}/verify-good.png`, fullPage: true });
    expect(complaints.length === 0, complaints.join("\n"));
  },

  async "verify names what was altered"(browser, context) {
    const good = await bundleOf(context);
    const alterations = {
      "product.history": (bundle) => (bundle.products[0].history[0].actor = `0x${"11".repeat(20)}`),
      "product.history of a dropped entry": (bundle) => bundle.products[0].history.pop(),
      "document.hash": (bundle) => {
        const [hash] = Object.keys(bundle.documents);
        bundle.documents[hash].payload = bundle.documents[hash].payload.replace("sha-256", "sha-255");
      },
      "block.hash": (bundle) => (bundle.block.header = bundle.block.header.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))),
      "contract.trusted": (bundle) => (bundle.contracts.supplyChain = `0x${"11".repeat(20)}`),
    };
    for (const [what, alter] of Object.entries(alterations)) {
      const bundle = JSON.parse(good);
      alter(bundle);
      const { page, context: own } = await open(browser, context);
      const status = await verdict(page, JSON.stringify(bundle));
      const bad = await page.locator('[data-finding][data-status="bad"]').evaluateAll((rows) => rows.map((row) => row.dataset.finding));
      expect(status === "bad" && bad.includes(what.split(" ")[0]), `${what}: ${status}, ${bad.join()}`);
      await own.close();
    }
  },

  async "verify says what it could not check"(browser, context) {
    const { page } = await open(browser, context, { withRpc: false, width: 390, colorScheme: "dark" });
    const status = await verdict(page, await bundleOf(context));
    const text = await page.getByTestId("verdict").innerText();
    expect(status === "unchecked" && text.includes("Could not check everything"), text);
    expect(!text.includes("Verified on this device"), text);
    await expectAccessible(page);
  },

  async "verify refuses a file that is no bundle"(browser, context) {
    for (const text of ["", "not json", "{}", "[1,2]"]) {
      const { page, context: own } = await open(browser, context);
      expect((await verdict(page, text)) === "bad", `${JSON.stringify(text)} was not refused`);
      await own.close();
    }
  },

  async "verify works from disk with every server of ours left out"(browser, context) {
    const { page, complaints } = await openPage(browser);
    await page.goto(offlinePage);
    const deployment = await (await fetch(`${context.api}/deployment`)).text();
    await page.route(`${context.api}/**`, (route) => route.abort());
    await page.getByLabel("RPC endpoint (optional)").fill(context.rpc);
    await page.getByText("Contracts you trust").click();
    await page.getByLabel("Use your own deployment file").setInputFiles({ name: "31337.json", mimeType: "application/json", buffer: Buffer.from(deployment) });
    await page.getByText("from your own file").waitFor();
    const status = await verdict(page, await bundleOf(context));
    expect(status === "ok", await page.getByTestId("verdict").innerText());
    expect(complaints.length === 0, `${fileURLToPath(offlinePage)}: ${complaints.join("\n")}`);
    await expectAccessible(page);
  },

  async "home opens its four doors, in both colour schemes"(browser, { api, product, out }) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, complaints } = await openPage(browser, { colorScheme });
      await page.goto(`${api}/app/`);
      for (const door of ["Open a product’s passport", "Record what you did", "Connect your systems", "Verify without us"]) await page.getByRole("heading", { name: door }).waitFor();
      await expectAccessible(page);
      if (out !== undefined) await page.screenshot({ path: `${out}/home-${colorScheme}.png`, fullPage: true });
      await page.getByLabel("Link from the QR code").fill("lettuce");
      await page.getByRole("button", { name: "Open passport" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByLabel("Link from the QR code").fill(`https://id.gs1.org${product}`);
      await page.keyboard.press("Enter");
      await page.waitForURL(`${api}/passport${product}`);
      for (const path of ["/graphql", "/docs"]) expect((await fetch(api + path, { headers: { accept: "text/html" } })).ok, `${path} is not served`);
      expect(complaints.length === 0, complaints.join("\n"));
    }
  },

  async "product shows its history in every scheme"(browser, { api, product, out }) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, complaints } = await openPage(browser, { colorScheme, width: 390 });
      await page.goto(`${api}/app/product${product}`);
      await page.getByRole("heading", { name: "Where it came from" }).waitFor();
      await expectAccessible(page);
      if (out !== undefined) await page.screenshot({ path: `${out}/product-${colorScheme}.png`, fullPage: true });
      expect(complaints.length === 0, complaints.join("\n"));
    }
  },
};
