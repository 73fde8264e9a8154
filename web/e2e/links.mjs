// The resolver's linkset as a page: every level and link, the symbols to print, on a phone too.
import { expect, expectAccessible, openPage } from "./browser.mjs";

export const links = {
  async "links of a lot are shown by level, with the symbols to print"(browser, given) {
    const { page, complaints } = await openPage(browser);
    await page.goto(`${given.api}/app/links${given.product}`);
    await page.getByRole("table").first().waitFor();
    const { linkset } = await (await fetch(`${given.api}${given.product}?linkType=linkset`)).json();
    const known = linkset.flatMap((context) => Object.values(context).filter(Array.isArray).flat());
    expect((await page.getByRole("row").count()) === known.length + linkset.length, "the page shows other links than the linkset");
    expect((await page.getByRole("row", { name: "gs1:epcis EPCIS events" }).count()) === 1, "no EPCIS link is shown");
    for (const symbol of await page.getByRole("img").all()) {
      expect(await symbol.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), "a symbol is not drawn");
    }
    await expectAccessible(page);
    if (given.out !== undefined) await page.screenshot({ path: `${given.out}/links.png`, fullPage: true });
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page);
    expect(complaints.length === 0, complaints.join("\n"));
  },

  async "links of what nobody knows are refused in words"(browser, { api }) {
    const { page } = await openPage(browser);
    await page.goto(`${api}/app/links/01/10860009998039/10/NOBODY`);
    await page.getByRole("table").or(page.getByRole("alert")).first().waitFor();
    expect((await page.getByText("gs1:pip").count()) > 0, "the class still has its links");
    await page.goto(`${api}/app/links/01/09506000134352/10/NOBODY`);
    const alert = await page.getByRole("alert").innerText();
    expect(alert.includes("not_found"), alert);
    await expectAccessible(page);
  },
};
