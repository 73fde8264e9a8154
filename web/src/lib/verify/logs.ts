import { type Hex, isHex, word, ZERO_ADDRESS } from "./bytes.ts";
import { CORRECTION, HANDOVER, PACKED, RECALL_BASE, UNPACKED } from "./kinds.ts";
import { Malformed } from "./malformed.ts";
import type { Contracts, Entry, Log, Product } from "./model.ts";
import type { Call } from "./rpc.ts";
import * as topics from "./topics.ts";

/** A set of logs a bundle claims to hold completely; topic alternatives by position, empty = any. */
export interface LogFilter {
  name: string;
  address: Hex;
  topics: Hex[][];
}

export function matches(filter: LogFilter, log: Log): boolean {
  if (log.address !== filter.address || log.topics.length < filter.topics.length) return false;
  return filter.topics.every((wanted, at) => wanted.length === 0 || wanted.includes(log.topics[at] ?? ""));
}

/** The entries of these products. */
export function historyFilter(contracts: Contracts, products: readonly Product[]): LogFilter {
  const kinds = [
    topics.EVENT_RECORDED,
    topics.CUSTODY_TRANSFERRED,
    topics.PRODUCT_RECALLED,
    topics.EVENT_CORRECTED,
    topics.PRODUCT_PACKED,
    topics.PRODUCT_UNPACKED,
    topics.RECALL_CLOSED,
  ];
  return { name: "entry.mined", address: contracts.supplyChain, topics: [kinds, products.map(({ id }) => id)] };
}

/** Attestations and retirements of these products, who their actors are and act for. */
export function sideFilters(contracts: Contracts, products: readonly Product[]): LogFilter[] {
  const { supplyChain, sensorOracle, carbonToken, actorRegistry } = contracts;
  const ids = products.map(({ id }) => id);
  const involved = products.flatMap(({ history }) =>
    history.flatMap(({ kind, actor, counterparty }) => (kind === HANDOVER ? [actor, counterparty] : [actor])),
  );
  const actors = [...new Set(involved)].toSorted();
  const filters = [
    { name: "logs.attestations", address: sensorOracle, topics: [[topics.BATCH_ATTESTED], [], ids] },
    { name: "logs.retirements", address: carbonToken, topics: [[topics.CREDIT_RETIRED], [], [], ids] },
  ];
  if (actors.length === 0) return filters;
  const registered = [topics.ACTOR_REGISTERED, topics.ACTOR_REVOKED];
  const words = actors.map((actor) => `0x${word(actor)}`);
  return [
    ...filters,
    { name: "logs.actors", address: actorRegistry, topics: [registered, words] },
    { name: "logs.delegates", address: supplyChain, topics: [[topics.DELEGATE_SET], words, words] },
  ];
}

/** The logs of a set from block `first` to `last`, oldest first. */
export async function fetchLogs(call: Call, filter: LogFilter, first: number, last: number): Promise<Log[]> {
  const answer = await call("eth_getLogs", {
    address: filter.address,
    topics: filter.topics.map((wanted) => (wanted.length === 0 ? null : wanted)),
    fromBlock: `0x${first.toString(16)}`,
    toBlock: `0x${last.toString(16)}`,
  });
  if (!Array.isArray(answer)) throw new Malformed("eth_getLogs gave no list");
  return answer.map(readLog).toSorted((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

/** One spelling per log, for comparing. */
export function logKey({ address, topics: words, data, blockNumber, logIndex, txHash }: Log): string {
  return [address, ...words, data, blockNumber, logIndex, txHash].join();
}

/** productId and history entry of a SupplyChain log. */
export function entryOf(log: Log): [Hex, Entry] {
  const [topic, productId = "", actor = "", third = ""] = log.topics;
  const from = addressOf(actor);
  switch (topic) {
    case topics.EVENT_RECORDED:
      return [productId, entry(log, { actor: from, dataHash: third, at: 0, kind: integer(log, 2) })];
    case topics.CUSTODY_TRANSFERRED: {
      const dataHash = `0x${log.data.slice(2, 66)}`;
      return [productId, entry(log, { actor: from, counterparty: addressOf(third), dataHash, at: 1, kind: HANDOVER })];
    }
    case topics.EVENT_CORRECTED: {
      const counterparty = addressOf(`0x${log.data.slice(2 + 64 * 2, 66 + 64 * 2)}`);
      return [productId, entry(log, { actor: from, counterparty, dataHash: third, at: 0, kind: CORRECTION })];
    }
    case topics.PRODUCT_PACKED:
    case topics.PRODUCT_UNPACKED: {
      const kind = topic === topics.PRODUCT_PACKED ? PACKED : UNPACKED;
      const said = { actor: addressOf(log.data.slice(0, 66)), counterparty: from, dataHash: third, at: 1, kind };
      return [productId, entry(log, said)];
    }
    case topics.RECALL_CLOSED:
      return [productId, entry(log, { actor: from, dataHash: third, at: 0, kind: RECALL_BASE })];
    default:
      return [productId, entry(log, { actor: from, dataHash: third, at: 0, kind: RECALL_BASE | integer(log, 2) })];
  }
}

/** Who let whom act for them, or stopped it; undefined for any other log. */
export function delegationOf(log: Log): { account: Hex; delegate: Hex; granted: boolean } | undefined {
  const [topic, account = "", delegate = ""] = log.topics;
  if (topic !== topics.DELEGATE_SET || log.topics.length !== 3 || log.data.length < 66) return undefined;
  return { account: addressOf(account), delegate: addressOf(delegate), granted: BigInt(log.data.slice(0, 66)) > 0n };
}

interface Said extends Pick<Entry, "actor" | "dataHash" | "kind"> {
  counterparty?: Hex;
  /** Which data word holds seq; occurredAt follows it. */
  at: number;
}

function entry(log: Log, { at, ...said }: Said): Entry {
  const { blockNumber, logIndex, txHash } = log;
  const seq = integer(log, at);
  return { counterparty: ZERO_ADDRESS, ...said, seq, occurredAt: integer(log, at + 1), blockNumber, logIndex, txHash };
}

function integer({ data }: Log, at: number): number {
  return Number(`0x${data.slice(2 + 64 * at, 66 + 64 * at)}`);
}

function addressOf(topic: Hex): Hex {
  return `0x${topic.slice(26)}`;
}

export function quantity(value: unknown): number {
  const number = typeof value === "string" && value.startsWith("0x") ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new Malformed("expected a 0x-hex quantity");
  return number;
}

export function bytes(value: unknown, length?: number): Hex {
  const hex = typeof value === "string" ? value.toLowerCase() : value;
  if (!isHex(hex, length)) throw new Malformed("expected 0x-hex");
  return hex;
}

function readLog(item: unknown): Log {
  const log = new Map<string, unknown>(Object.entries(typeof item === "object" ? (item ?? {}) : {}));
  const words = log.get("topics");
  if (!Array.isArray(words)) throw new Malformed("eth_getLogs gave something that is no log");
  return {
    address: bytes(log.get("address"), 20),
    topics: words.map((topic) => bytes(topic, 32)),
    data: bytes(log.get("data")),
    blockNumber: quantity(log.get("blockNumber")),
    logIndex: quantity(log.get("logIndex")),
    txHash: bytes(log.get("transactionHash"), 32),
  };
}
