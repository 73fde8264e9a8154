import { EMPTY_HEAD, fromHex, type Hex, keccak256, word } from "./bytes.ts";
import type { Entry } from "./model.ts";

/** keccak256(abi.encode(kind, actor, counterparty, dataHash, occurredAt)); twin of History.sol. */
export function leafOf(entry: Entry): Hex {
  const { kind, actor, counterparty, dataHash, occurredAt } = entry;
  return keccak256(fromHex(`0x${[kind, actor, counterparty, dataHash, occurredAt].map(word).join("")}`));
}

/** The head after one more entry: `seq + 1 : 64 | keccak256(head | leaf) : 192`. */
export function grow(head: Hex, leaf: Hex): Hex {
  const hash = keccak256(fromHex(head + leaf.slice(2)));
  return `0x${(seqOf(head) + 1).toString(16).padStart(16, "0")}${hash.slice(18)}`;
}

/** The head of a history, oldest entry first. */
export function fold(entries: readonly Entry[]): Hex {
  let head = EMPTY_HEAD;
  for (const entry of entries) head = grow(head, leafOf(entry));
  return head;
}

/** How many entries a head commits to. */
export function seqOf(head: Hex): number {
  return Number.parseInt(head.slice(2, 18), 16);
}
