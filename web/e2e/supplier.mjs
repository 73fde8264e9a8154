// The supplier's page: find a wallet, read, sign, follow; and what happens when something is wrong.
import { addWallet, expect, expectAccessible, openPage } from "./browser.mjs";

const serial = () => String(Date.now()) + Math.floor(Math.random() * 1000);
const phone = { width: 390, height: 844 };
const farmGln = "0860009999060";

async function open(browser, { api, rpc }, account, { path = "/app/supplier", ...options } = {}) {
  const opened = await openPage(browser, options);
  const wallet = await addWallet(opened.page, { rpcUrl: rpc, account });
  await opened.page.goto(api + path);
  return { ...opened, wallet };
}

async function connect(page) {
  await page.getByRole("button", { name: "Test wallet" }).click();
  await page.getByRole("heading", { name: "You", exact: true }).waitFor();
}

/** Fills in the harvest form and asks to go on. */
async function harvest(page, lot) {
  await page.getByLabel("GTIN of the product").fill("00860009999923");
  await page.getByLabel("Lot", { exact: true }).fill(lot);
  await page.getByLabel("Quantity").fill("250.50");
  await page.getByLabel("Place (GLN)").fill(farmGln);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function followToFinal(page) {
  await page.waitForSelector('[data-testid="follow"][data-state="final"],[data-testid="follow"][data-state="failed"]', { timeout: 60_000 });
  const follow = page.getByTestId("follow");
  expect((await follow.getAttribute("data-state")) === "final", await follow.innerText());
}

export const supplier = {
  async "supplier signs a harvest and follows it to final"(browser, context) {
    const lot = `WEB-${serial()}`;
    const { page, wallet, complaints } = await open(browser, context, context.accounts.farm);
    await page.getByRole("heading", { name: "Choose your wallet" }).waitFor();
    await expectAccessible(page);
    await connect(page);
    await expectAccessible(page);
    expect(wallet.calls.join() === "eth_requestAccounts", `asked before signing: ${wallet.calls.join()}`);
    await harvest(page, lot);
    await page.getByRole("heading", { name: "Read, then sign" }).waitFor();
    const words = await page.locator("main").innerText();
    for (const said of [lot, "250.50", "Document hash", "Signature valid until", `GTIN 00860009999923, lot ${lot}`]) expect(words.includes(said), `no ${said} in: ${words}`);
    expect((await page.getByTestId("follow").getAttribute("data-state")) === "captured", "claims more than captured before the signature");
    expect(wallet.calls.join() === "eth_requestAccounts", `asked before signing: ${wallet.calls.join()}`);
    await expectAccessible(page);
    if (context.out !== undefined) await page.screenshot({ path: `${context.out}/supplier-sign.png`, fullPage: true });
    await page.getByRole("button", { name: "Sign with your wallet" }).click();
    await followToFinal(page);
    expect(wallet.calls.includes("wallet_switchEthereumChain"), "never asked for the network");
    await page.getByRole("link", { name: `GTIN 00860009999923, lot ${lot}` }).waitFor();
    await expectAccessible(page);
    if (context.out !== undefined) await page.screenshot({ path: `${context.out}/supplier-final.png`, fullPage: true });
    expect(complaints.length === 0, complaints.join("\n"));
  },

  async "supplier hands over and the receiver signs by link"(browser, context) {
    const lot = `WEB-${serial()}`;
    const { page } = await open(browser, context, context.accounts.farm);
    await connect(page);
    await harvest(page, lot);
    await page.getByRole("button", { name: "Sign with your wallet" }).click();
    await followToFinal(page);
    await page.getByRole("button", { name: "Record something else" }).click();
    await page.getByText("Does it pass to someone else?").click();
    await page.getByLabel("Receiver’s address").fill(context.accounts.cooler);
    await page.getByLabel("Kind of event").selectOption("receive");
    await page.getByLabel("Destination (GLN)").fill("0860009999077");
    await harvest(page, lot);
    await page.getByRole("button", { name: "Sign with your wallet" }).click();
    const link = await page.getByTestId("offer-link").getAttribute("href");
    expect((await page.getByTestId("follow").getAttribute("data-state")) === "captured", "one signature of two is not signed");
    const receiver = await open(browser, context, context.accounts.cooler, { path: new URL(link).pathname + new URL(link).hash, ...phone });
    await connect(receiver.page);
    await receiver.page.getByRole("button", { name: "Accept and sign" }).waitFor();
    await expectAccessible(receiver.page);
    await receiver.page.getByRole("button", { name: "Accept and sign" }).click();
    await followToFinal(receiver.page);
    await receiver.page.getByRole("link", { name: `GTIN 00860009999923, lot ${lot}` }).waitFor();
    await followToFinal(page);
  },

  async "supplier is told what is wrong with a document"(browser, context) {
    const { page } = await open(browser, context, context.accounts.farm);
    await connect(page);
    await page.getByLabel("EPCIS document").check();
    const event = { type: "ObjectEvent", eventTime: "2026-04-17T09:26:42-04:00", eventTimeZoneOffset: "-04:00", action: "ADD", bizStep: "creating_class_instance", readPoint: { id: `https://id.gs1.org/414/${farmGln}` }, quantityList: [{ epcClass: "https://id.gs1.org/01/00860009999924/10/X", quantity: 1, uom: "KGM" }] };
    const document = { "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"], type: "EPCISDocument", schemaVersion: "2.0", creationDate: "2026-04-17T11:26:42-04:00", epcisBody: { eventList: [event] } };
    await page.locator('input[type="file"]').setInputFiles({ name: "event.jsonld", mimeType: "application/ld+json", buffer: Buffer.from(JSON.stringify(document)) });
    await page.getByRole("button", { name: "Continue" }).click();
    const alert = await page.getByRole("alert").innerText();
    expect(/check digit/i.test(alert) && /invalid_/.test(alert), alert);
    await expectAccessible(page);
    await page.getByLabel("EPCIS 2.0 document").fill("{");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("alert").filter({ hasNotText: /check digit/i }).waitFor();
  },

  async "supplier cannot record what another holds"(browser, context) {
    const { page } = await open(browser, context, context.accounts.cooler);
    await connect(page);
    await page.getByLabel("Kind of event").selectOption("store");
    await page.getByLabel("GTIN of the product").fill("10860009998039");
    await page.getByLabel("Lot", { exact: true }).fill("SALAD-20260420-A");
    await page.getByLabel("Quantity").fill("1");
    await page.getByLabel("Place (GLN)").fill(farmGln);
    await page.getByRole("button", { name: "Continue" }).click();
    const alert = await page.getByRole("alert").innerText();
    expect(alert.includes("not_custodian"), alert);
  },

  async "supplier may decline in the wallet and try again"(browser, context) {
    const { page, wallet } = await open(browser, context, context.accounts.farm);
    await connect(page);
    await harvest(page, `WEB-${serial()}`);
    wallet.refuseNext = true;
    await page.getByRole("button", { name: "Sign with your wallet" }).click();
    const alert = await page.getByRole("alert").innerText();
    expect(alert.includes("You declined in the wallet."), alert);
    expect((await page.getByTestId("follow").getAttribute("data-state")) === "captured", "moved on without a signature");
    await page.getByRole("button", { name: "Sign with your wallet" }).click();
    await followToFinal(page);
  },

  async "supplier without a wallet is told so"(browser, { api }) {
    const { page } = await openPage(browser, phone);
    await page.goto(`${api}/app/supplier`);
    await page.getByText("No wallet was found").waitFor();
    await expectAccessible(page);
  },
};
