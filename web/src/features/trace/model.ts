import type { TracePart } from "@/queries/trace";

export type TraceNode = TracePart["nodes"][number];
export type TraceLink = TracePart["links"][number];
export type Balance = TracePart["balances"][number];

export interface Graph {
  start: string;
  nodes: readonly TraceNode[];
  links: readonly TraceLink[];
  balances: ReadonlyMap<string, Balance>;
}

/** The pages read so far as one graph; a link whose far end is on a later page waits for it. */
export function joined(pages: readonly TracePart[]): Graph {
  const nodes = pages.flatMap((page) => page.nodes);
  const known = new Set(nodes.map((node) => node.productId));
  const links = pages.flatMap((page) => page.links).filter(({ sourceId, targetId }) => known.has(sourceId) && known.has(targetId));
  const balances = new Map(pages.flatMap((page) => page.balances).map((balance) => [balance.dataHash, balance]));
  return { start: pages[0]?.startId ?? "", nodes, links, balances };
}

const relations = { TRANSFORMED: "went into", PACKED: "was packed in", ASSOCIATED: "was fixed to", MEMBER: "is the lot of" } as const;

export function relationWords(link: TraceLink): string {
  return relations[link.relation];
}

export function amountWords(amounts: readonly { quantity: string; uom: string | null }[]): string {
  return amounts.map(({ quantity, uom }) => `${quantity} ${uom ?? "pieces"}`).join(" + ");
}

/** Whose word a link is; empty when both sides recorded it. */
export function doubtWords(link: TraceLink): string {
  if (link.bySource && link.byTarget) return "";
  return link.bySource ? "only the source’s history says so" : "only the target’s history says so";
}

export function balanceWords({ state, lossGrams }: Balance): string {
  if (state === "UNKNOWN") return "weights are not told on both sides";
  if (state === "GAIN") return `${grams(lossGrams).replace("-", "")} more came out than went in`;
  return lossGrams === "0" ? "as much came out as went in" : `${grams(lossGrams)} were lost`;
}

function grams(value: string | null): string {
  return `${value ?? "?"} g`;
}
