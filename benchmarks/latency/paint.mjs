// Time to the first paint of a passport, each time in a fresh Chromium profile (nothing cached).
// node benchmarks/latency/paint.mjs URL RUNS -> one JSON array of {firstPaint, firstContentfulPaint,
// largestContentfulPaint, checked} in milliseconds since the navigation began.

import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const [url, runs] = process.argv.slice(2);
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true };

async function measure() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const page = await (await browser.newContext(PHONE)).newPage();
    await page.goto("about:blank");
    await page.goto(url, { waitUntil: "load" });
    return await page.evaluate(paints);
  } finally {
    await browser.close();
  }
}

// Runs in the page.
async function paints() {
  const entries = (type) =>
    new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries())).observe({
        type,
        buffered: true,
      });
    });
  const found = await entries("paint");
  const at = (name) => found.find((entry) => entry.name === name)?.startTime ?? null;
  const largest = (await entries("largest-contentful-paint")).at(-1)?.startTime ?? null;
  const [navigation] = performance.getEntriesByType("navigation");
  return {
    answered: navigation.responseEnd,
    firstPaint: at("first-paint"),
    firstContentfulPaint: at("first-contentful-paint"),
    largestContentfulPaint: largest,
  };
}

const results = [];
for (let run = 0; run < Number(runs); run += 1) results.push(await measure());
process.stdout.write(`${JSON.stringify(results)}\n`);
