// Fails the build when what a phone must load grows past what it should (sizes as gzip sends them).
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const kb = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length / 1000;

function entry() {
  const html = readFileSync(`${dist}index.html`, "utf8");
  return [...html.matchAll(/(?:src|href)="\/app\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
}

function heaviest() {
  return readdirSync(`${dist}assets`).filter((file) => file.endsWith(".js")).map((file) => `assets/${file}`);
}

const budgets = [
  { what: "app entry", limit: 90, size: entry().reduce((sum, file) => sum + kb(file), 0) },
  { what: "passport check", limit: 40, size: kb("assets/passport-check.js") },
  { what: "largest route", limit: 60, size: Math.max(...heaviest().filter((file) => !entry().includes(file)).map(kb)) },
];

for (const { what, limit, size } of budgets) console.log(`${what}: ${size.toFixed(1)} kB of ${limit} kB gz`);
const over = budgets.filter(({ limit, size }) => !(size > 0 && size <= limit));
if (over.length > 0) {
  console.error(`over budget: ${over.map(({ what }) => what).join(", ")}`);
  process.exit(1);
}
