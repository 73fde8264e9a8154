// The developers' pages, GraphiQL and Swagger UI, with every other host out of reach.
import { expect, openPage } from "./browser.mjs";

/** A page that reaches its own server only, and remembers what it wanted besides. */
async function openAlone(browser, api) {
  const opened = await openPage(browser, { width: 1280 });
  const refused = [];
  await opened.context.route((url) => url.origin !== new URL(api).origin && url.protocol !== "data:", (route) => {
    refused.push(route.request().url());
    return route.abort();
  });
  return { ...opened, refused };
}

function expectAlone({ refused, complaints }) {
  expect(refused.length === 0, `asked other hosts: ${refused.join()}`);
  expect(complaints.length === 0, complaints.join("\n"));
}

async function run(page) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/graphql") && /LatestProducts/.test(response.request().postData() ?? "")),
    page.getByRole("button", { name: /^Execute query/ }).click(),
  ]);
  return answer.json();
}

export const tools = {
  async "tools GraphiQL runs its example, with the schema's documentation and a history"(browser, { api, out }) {
    const opened = await openAlone(browser, api);
    const { page } = opened;
    await page.goto(`${api}/graphql`);
    await page.locator(".graphiql-query-editor .view-line").filter({ hasText: "LatestProducts" }).waitFor();
    const { data } = await run(page);
    expect(data.products.edges.length > 0, "the demo has products");
    await page.locator(".graphiql-response .view-line").filter({ hasText: `"block": ${data.meta.block}` }).waitFor();
    if (out !== undefined) await page.screenshot({ path: `${out}/graphiql.png` });
    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    await page.getByRole("link", { name: "Query" }).click();
    await page.locator(".graphiql-doc-explorer").getByRole("link", { name: "creditRetirements" }).waitFor();
    await page.getByRole("button", { name: "Show History" }).click();
    await page.locator(".graphiql-history-item").filter({ hasText: "LatestProducts" }).waitFor();
    expectAlone(opened);
  },

  async "tools OpenAPI shows an operation and tries it out"(browser, { api, out }) {
    const opened = await openAlone(browser, api);
    const { page } = opened;
    await page.goto(`${api}/docs`);
    const operation = page.locator(".opblock").filter({ has: page.locator('[data-path="/health"]') });
    await operation.locator(".opblock-summary-control").click();
    await operation.getByRole("button", { name: "Try it out" }).click();
    await operation.getByRole("button", { name: "Execute" }).click();
    await operation.locator(".live-responses-table").getByText('"ok"').waitFor();
    if (out !== undefined) await page.screenshot({ path: `${out}/openapi.png` });
    expectAlone(opened);
  },
};
