import { fromHex, type Hex, keccak256 } from "./bytes.ts";
import { Malformed } from "./malformed.ts";

/**
 * Merkle trees equal to OpenZeppelin's StandardMerkleTree; twin of core/merkle.py. One list: node i
 * has children 2i+1 and 2i+2, the root is first.
 */
export interface MerkleTree {
  readonly nodes: readonly Hex[];
  /** Where the n-th leaf given to `build` stands in `nodes`. */
  readonly positions: readonly number[];
}

/** The leaf of `abi.encode(...)`, hashed twice so that no inner node can pose as one. */
export function leafHash(encoded: Hex): Hex {
  return keccak256(fromHex(keccak256(fromHex(encoded))));
}

/** The tree of leaf hashes, in any order. */
export function build(leaves: readonly Hex[]): MerkleTree {
  if (leaves.length === 0) throw new Malformed("a Merkle tree needs at least one leaf");
  const size = 2 * leaves.length - 1;
  const nodes = Array.from<Hex>({ length: size });
  const positions = Array.from<number>({ length: leaves.length });
  const ranked = [...leaves.entries()].toSorted(([, a], [, b]) => (a < b ? -1 : Number(a > b)));
  for (const [rank, [index, leaf]] of ranked.entries()) {
    nodes[size - 1 - rank] = leaf;
    positions[index] = size - 1 - rank;
  }
  for (let at = leaves.length - 2; at >= 0; at--) nodes[at] = pair(node(nodes, 2 * at + 1), node(nodes, 2 * at + 2));
  return { nodes, positions };
}

export function rootOf(tree: MerkleTree): Hex {
  return node(tree.nodes, 0);
}

/** Siblings from the leaf given at `index` up to the root. */
export function proofOf(tree: MerkleTree, index: number): Hex[] {
  let at = tree.positions[index];
  if (at === undefined) throw new RangeError(`the tree has no leaf ${index}`);
  const siblings: Hex[] = [];
  for (; at > 0; at = Math.floor((at - 1) / 2)) siblings.push(node(tree.nodes, at % 2 === 1 ? at + 1 : at - 1));
  return siblings;
}

/** Whether `leaf` is under `root`. */
export function isUnder(root: Hex, leaf: Hex, proof: readonly Hex[]): boolean {
  let at = leaf;
  for (const sibling of proof) at = pair(at, sibling);
  return at === root;
}

function pair(a: Hex, b: Hex): Hex {
  return keccak256(fromHex(a < b ? a + b.slice(2) : b + a.slice(2)));
}

function node(nodes: readonly Hex[], at: number): Hex {
  const found = nodes[at];
  if (found === undefined) throw new RangeError(`the tree has no node ${at}`);
  return found;
}
