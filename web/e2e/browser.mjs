// Chromium, wallets and findings for the scenarios; everything a scenario needs besides the page itself.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function launch() {
  return chromium.launch({
    executablePath: process.env.SR360_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A page that fails its scenario when the browser reports an error of ours (script, or a blocked resource). */
export async function openPage(browser, { javaScript = true, width = 1000, height = 900, colorScheme = "light" } = {}) {
  const context = await browser.newContext({ javaScriptEnabled: javaScript, viewport: { width, height }, colorScheme, bypassCSP: false });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  return { page, context, complaints };
}

export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

export async function rpc(url, method, params = []) {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  const { result, error } = await response.json();
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

/**
 * An EIP-1193 wallet announced by EIP-6963, whose key is one of the chain's development accounts.
 * It starts on another network, so a page that never asks to switch never gets a signature.
 */
export async function addWallet(page, { rpcUrl, account, name = "Test wallet" }) {
  const wallet = { calls: [], refuseNext: false, chainId: "0x1" };
  await page.exposeFunction("sr360Wallet", async ({ method, params }) => {
    wallet.calls.push(method);
    switch (method) {
      case "eth_requestAccounts":
        return { result: [account] };
      case "eth_chainId":
        return { result: wallet.chainId };
      case "wallet_switchEthereumChain":
        wallet.chainId = params[0].chainId;
        return { result: null };
      case "eth_signTypedData_v4":
        if (wallet.refuseNext) {
          wallet.refuseNext = false;
          return { error: { code: 4001, message: "User rejected the request." } };
        }
        return { result: await rpc(rpcUrl, method, [params[0], JSON.parse(params[1])]) };
      default:
        return { error: { code: 4200, message: `${method} is not supported` } };
    }
  });
  await page.addInitScript((label) => {
    const info = { uuid: "3f1c1b36-0d3b-4f0e-9b43-5a6f1e0c9a11", name: label, icon: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>", rdns: "test.wallet" };
    const provider = {
      request: async (call) => {
        const { result, error } = await globalThis.sr360Wallet(call);
        if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
        return result;
      },
      on: () => {},
      removeListener: () => {},
    };
    const announce = () => globalThis.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
    globalThis.addEventListener("eip6963:requestProvider", announce);
    announce();
  }, name);
  return wallet;
}

/** What axe finds wrong, one line each. Runs outside the page's own policy, in the page. */
export async function violations(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axeSource });
  const { result } = await session.send("Runtime.evaluate", {
    expression: "axe.run(document).then(({violations}) => violations.flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) => `${id}: ${target} ${failureSummary}`)))",
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return result.value;
}

/** No violation that axe knows, and nothing wider than the screen. */
export async function expectAccessible(page) {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider <= 0, `the page is ${wider} px wider than the screen`);
  const found = await violations(page);
  expect(Array.isArray(found) && found.length === 0, `axe: ${JSON.stringify(found, null, 1)}`);
}
