// node e2e/run.mjs [--list | NAME...]: runs scenarios against a running stack and prints one JSON line for each.
// SR360_E2E is JSON: {api, rpc, product, accounts: {farm, cooler}, out?}.
import { launch } from "./browser.mjs";
import { links } from "./links.mjs";
import { passport } from "./passport.mjs";
import { supplier } from "./supplier.mjs";
import { tools } from "./tools.mjs";
import { trace } from "./trace.mjs";
import { verify } from "./verify.mjs";

const scenarios = { ...links, ...passport, ...supplier, ...tools, ...trace, ...verify };
const [...wanted] = process.argv.slice(2);

async function run(browser, name, context) {
  const began = performance.now();
  try {
    if (scenarios[name] === undefined) throw new Error("there is no such scenario");
    await scenarios[name](browser, context);
    return { name, ok: true, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    return { name, ok: false, seconds: (performance.now() - began) / 1000, detail: String(error?.stack ?? error) };
  } finally {
    for (const open of browser.contexts()) await open.close();
  }
}

if (wanted[0] === "--list") console.log(JSON.stringify(Object.keys(scenarios)));
else {
  const browser = await launch();
  let failed = 0;
  for (const name of wanted.length > 0 ? wanted : Object.keys(scenarios)) {
    const result = await run(browser, name, JSON.parse(process.env.SR360_E2E));
    failed += result.ok ? 0 : 1;
    console.log(JSON.stringify(result));
  }
  await browser.close();
  process.exitCode = failed > 0 ? 1 : 0;
}
