import type { Hex } from "./bytes.ts";
import { seqOf } from "./head.ts";
import { bytes, entryOf, fetchLogs, historyFilter, type LogFilter, logKey, matches, quantity, sideFilters } from "./logs.ts";
import { Malformed } from "./malformed.ts";
import type { Bundle, Entry, Log, Product } from "./model.ts";
import { headSlot } from "./mpt.ts";
import { type Call, RpcFailed } from "./rpc.ts";
import type { Findings } from "./verdict.ts";

const FIELDS = [
  "kind",
  "actor",
  "dataHash",
  "occurredAt",
  "counterparty",
  "blockNumber",
  "logIndex",
  "txHash",
] as const satisfies (keyof Entry)[];

interface Context {
  bundle: Bundle;
  call: Call;
  found: Findings;
  firstBlock: number;
}

/** Everything only a node knows; without one, a finding says what was left unchecked. */
export async function checkChain(
  bundle: Bundle,
  heads: readonly (Hex | null)[],
  call: Call | undefined,
  found: Findings,
  firstBlock: number,
): Promise<void> {
  if (call === undefined) {
    const message =
      `no RPC endpoint was asked: whether block ${bundle.block.number} is canonical, where ` +
      "entries were mined, and the attached logs are unchecked";
    found.unchecked("chain.rpc", "/block", message);
    return;
  }
  const context = { bundle, call, found, firstBlock };
  try {
    if (!(await checkCanonical(context))) return;
    await checkEntries(context);
    await checkSideLogs(context);
    await checkCurrent(context, heads);
  } catch (error) {
    if (error instanceof RpcFailed) {
      found.unchecked("chain.rpc", "/block", `the RPC endpoint could not answer: ${error.message}`);
    } else if (error instanceof Malformed) {
      found.unchecked("chain.rpc", "/block", `the RPC endpoint gave a wrong answer: ${error.message}`);
    } else throw error;
  }
}

async function checkCanonical({ bundle, call, found }: Context): Promise<boolean> {
  const { chainId, block } = bundle;
  const served = quantity(await call("eth_chainId"));
  if (served !== chainId) {
    found.bad("chain.id", "/chainId", `the RPC endpoint serves chain ${served}`);
    return false;
  }
  const there = await call("eth_getBlockByNumber", `0x${block.number.toString(16)}`, false);
  if (typeof there !== "object" || there === null) {
    found.unchecked("block.canonical", "/block", `the RPC endpoint has no block ${block.number} yet`);
    return false;
  }
  const actual = bytes("hash" in there ? there.hash : undefined, 32);
  if (actual !== block.hash) {
    const message = `block ${block.number} is ${actual} there: the bundle's block is not on the chain`;
    found.bad("block.canonical", "/block/hash", message);
    return false;
  }
  const message = `block ${block.number} is on the chain the RPC endpoint serves`;
  found.ok("block.canonical", "/block", message);
  return true;
}

async function checkEntries({ bundle, call, found, firstBlock }: Context): Promise<void> {
  const filter = historyFilter(bundle.contracts, bundle.products);
  const mined = new Map<Hex, Map<number, Entry>>();
  for (const log of await fetchLogs(call, filter, firstBlock, bundle.block.number)) {
    const [productId, entry] = entryOf(log);
    mined.set(productId, (mined.get(productId) ?? new Map<number, Entry>()).set(entry.seq, entry));
  }
  for (const [index, product] of bundle.products.entries()) {
    compareHistory(product, `/products/${index}/history`, mined.get(product.id) ?? new Map(), found);
  }
}

function compareHistory({ uri, history }: Product, at: string, mined: Map<number, Entry>, found: Findings): void {
  const before = found.list.length;
  for (const [index, entry] of history.entries()) {
    const actual = mined.get(entry.seq);
    if (actual === undefined) {
      found.bad("entry.mined", `${at}/${index}`, `${uri}: no log of the chain records entry ${entry.seq}`);
    } else compareEntry(uri, `${at}/${index}`, entry, actual, found);
  }
  const stated = new Set(history.map(({ seq }) => seq));
  for (const seq of [...mined.keys()].toSorted((a, b) => a - b)) {
    if (stated.has(seq)) continue;
    found.bad("entry.mined", at, `${uri}: the chain records entry ${seq}, the bundle does not have it`);
  }
  if (found.list.length === before) {
    found.ok("entry.mined", at, `${uri}: every entry is in the chain's logs as stated`);
  }
}

function compareEntry(uri: string, at: string, stated: Entry, actual: Entry, found: Findings): void {
  for (const name of FIELDS) {
    if (stated[name] === actual[name]) continue;
    const message = `${uri}, entry ${stated.seq}: ${name} is ${actual[name]} on chain`;
    found.bad("entry.mined", `${at}/${name}`, message);
  }
}

async function checkSideLogs({ bundle, call, found, firstBlock }: Context): Promise<void> {
  const filters = sideFilters(bundle.contracts, bundle.products);
  for (const filter of filters) {
    // One request at a time keeps the findings in order and a public endpoint friendly.
    // oxlint-disable-next-line no-await-in-loop
    compareLogs(bundle, filter, await fetchLogs(call, filter, firstBlock, bundle.block.number), found);
  }
  for (const [index, log] of bundle.logs.entries()) {
    if (filters.some((filter) => matches(filter, log))) continue;
    found.bad("logs.foreign", `/logs/${index}`, "this log belongs to no product or actor");
  }
}

function compareLogs({ logs }: Bundle, filter: LogFilter, actual: readonly Log[], found: Findings): void {
  const before = found.list.length;
  const [onChain, stated] = [new Set(actual.map(logKey)), new Set<string>()];
  let count = 0;
  for (const [index, log] of logs.entries()) {
    if (!matches(filter, log)) continue;
    count += 1;
    stated.add(logKey(log));
    if (!onChain.has(logKey(log))) found.bad(filter.name, `/logs/${index}`, "the chain has no such log");
  }
  for (const log of actual) {
    if (stated.has(logKey(log))) continue;
    const place = `block ${log.blockNumber}, log ${log.logIndex}`;
    found.bad(filter.name, "/logs", `the chain has a log the bundle lacks: ${place}`);
  }
  if (stated.size !== count) found.bad(filter.name, "/logs", "a log stands twice");
  if (found.list.length === before) {
    found.ok(filter.name, "/logs", `complete and as on chain: ${actual.length}`);
  }
}

async function checkCurrent({ bundle, call, found }: Context, heads: readonly (Hex | null)[]): Promise<void> {
  const { contracts, products, block } = bundle;
  const asked = heads.map(async (head, index) => {
    const slot = headSlot(products[index]?.id ?? "");
    return head === null ? null : bytes(await call("eth_getStorageAt", contracts.supplyChain, slot, "latest"), 32);
  });
  const latest = await Promise.all(asked);
  for (const [index, { uri }] of products.entries()) {
    const [head, now, at] = [heads[index] ?? null, latest[index] ?? null, `/products/${index}`];
    if (head === null || now === null) continue;
    if (now === head) found.ok("product.current", at, `${uri}: nothing was recorded since`);
    else {
      const count = seqOf(now) - seqOf(head);
      found.unchecked("product.current", at, `${uri}: entries recorded after block ${block.number}: ${count}`);
    }
  }
}
