// The trace graph and the scope of a recall: drawn, listed, walked by keyboard, as of a day, downloaded.
import { expect, expectAccessible, openPage } from "./browser.mjs";

const harvest = "/01/00860009999923/10/ABC1234";
const lots = { salad: "SALAD-20260420-A", cases: "10860009999920" };

async function open(browser, { api }, path, options) {
  const opened = await openPage(browser, options);
  await opened.page.goto(`${api}/app${path}`);
  await opened.page.getByRole("tree").waitFor();
  return opened;
}

const focused = (page) => page.evaluate(() => document.activeElement?.textContent ?? "");
const zoom = async (page) => Number(await page.getByRole("tree").getAttribute("data-zoom"));

export const trace = {
  async "trace back is drawn, listed and walked by keyboard"(browser, context) {
    const { page, complaints } = await open(browser, context, `/trace${context.product}?way=back`);
    const start = page.getByRole("treeitem", { name: lots.salad });
    expect((await start.getAttribute("aria-selected")) === "true", "the start is not chosen");
    expect((await page.getByRole("treeitem", { name: "carried it" }).count()) > 0, "no carrier is told");
    const drawn = await page.getByRole("treeitem").count();
    expect((await page.getByRole("row").count()) === drawn + 1, "drawing and list differ");
    await start.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    expect(!(await focused(page)).includes(lots.salad), "arrow keys lead nowhere");
    await page.keyboard.press("Home");
    expect((await focused(page)).includes(lots.salad), "Home does not lead to the start");
    await page.keyboard.press("ArrowLeft");
    const before = await zoom(page);
    await page.keyboard.press("+");
    expect((await zoom(page)) > before, "+ does not zoom");
    await page.keyboard.press("0");
    expect((await zoom(page)) === before, "0 does not show all");
    const chosen = await focused(page);
    await page.keyboard.press("Enter");
    const title = await page.getByRole("heading", { level: 2 }).nth(1).innerText();
    expect(chosen.includes(title.split(" ").at(-1)), `chose ${chosen}, shows ${title}`);
    await expectAccessible(page);
    if (context.out !== undefined) await page.screenshot({ path: `${context.out}/trace.png`, fullPage: true });
    expect(complaints.length === 0, complaints.join("\n"));
  },

  async "trace forward tells amounts, and less as of an earlier day"(browser, context) {
    const { page } = await open(browser, context, `/trace${harvest}?way=forward`);
    await page.getByRole("button", { name: "GTIN 10860009999920, lot ABC1234" }).click();
    const words = await page.getByTestId("links").innerText();
    expect(/100 CS\) went into .*SALAD-20260420-A \(2000 CS\)/.test(words), words);
    await page.getByLabel("As of the end of (UTC)").fill("2026-04-16");
    await page.getByRole("heading", { name: "1 product", exact: true }).waitFor();
    expect((await page.getByRole("treeitem").count()) === 1, "something was made before it was harvested");
    await expectAccessible(page);
  },

  async "recall shows all that is affected, on a phone too, and downloads it"(browser, context) {
    const { page, complaints } = await open(browser, context, `/recall${harvest}`);
    for (const name of Object.values(lots)) await page.getByRole("treeitem", { name }).first().waitFor();
    await expectAccessible(page);
    if (context.out !== undefined) await page.screenshot({ path: `${context.out}/recall.png`, fullPage: true });
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download as a table" }).click()]);
    expect(download.suggestedFilename() === "recall-ABC1234.csv", download.suggestedFilename());
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page);
    expect(complaints.length === 0, complaints.join("\n"));
  },

  async "recall of something nobody recorded says so"(browser, { api }) {
    const { page } = await openPage(browser);
    await page.goto(`${api}/app/recall/01/10860009998039/10/NOBODY`);
    const alert = await page.getByRole("alert").innerText();
    expect(alert.includes("nothing was recorded") && alert.includes("not_found"), alert);
    await expectAccessible(page);
  },
};
