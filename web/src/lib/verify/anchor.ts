import { fromHex, type Hex, keccak256, word } from "./bytes.ts";
import { grow } from "./head.ts";
import { build, isUnder, leafHash, type MerkleTree } from "./merkle.ts";

/** One event of a batch; twin of core/chain/anchor.py, on the same vectors. */
export interface AnchoredEvent {
  readonly product: Hex;
  readonly seq: number;
  readonly prevLeaf: Hex;
  readonly dataHash: Hex;
  readonly occurredAt: number;
  readonly kind: number;
}

/** One batch as AnchorLog has it. */
export interface Anchor {
  readonly root: Hex;
  readonly count: number;
  readonly manifestHash: Hex;
}

export function eventLeaf({ product, seq, prevLeaf, dataHash, occurredAt, kind }: AnchoredEvent): Hex {
  return leafHash(`0x${[product, seq, prevLeaf, dataHash, occurredAt, kind].map(word).join("")}`);
}

export function treeOf(events: readonly AnchoredEvent[]): MerkleTree {
  return build(events.map(eventLeaf));
}

/** What `AnchorLog.verifyLeaf` answers. */
export function holdsEvent(root: Hex, event: AnchoredEvent, proof: readonly Hex[]): boolean {
  return isUnder(root, eventLeaf(event), proof);
}

/** The publisher's tip after one more anchor; it grows as a product's head does. */
export function nextTip(tip: Hex, { root, count, manifestHash }: Anchor): Hex {
  return grow(tip, keccak256(fromHex(`0x${[root, count, manifestHash].map(word).join("")}`)));
}
