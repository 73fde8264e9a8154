import { EMPTY_HEAD, fromHex, type Hex, keccak256, toHex, word } from "./bytes.ts";
import { Malformed } from "./malformed.ts";
import { decodeRlp, type Rlp } from "./rlp.ts";

const EMPTY_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

export interface Account {
  storageRoot: Hex;
  codeHash: Hex;
}

/** The account at `address` under a state root. */
export function proveAccount(stateRoot: Hex, address: Hex, nodes: readonly Hex[]): Account {
  const value = prove(stateRoot, keccak256(fromHex(address)), nodes);
  if (value === null) throw new Malformed("the state holds no such account");
  const fields = decodeRlp(value);
  const [, , storageRoot, codeHash] = Array.isArray(fields) ? fields : [];
  if (!(storageRoot instanceof Uint8Array && codeHash instanceof Uint8Array)) {
    throw new Malformed("an account has four fields");
  }
  return { storageRoot: toHex(storageRoot), codeHash: toHex(codeHash) };
}

/** The storage key of a product's head: slot 0 of SupplyChain is the mapping. */
export function headSlot(productId: Hex): Hex {
  return keccak256(fromHex(`${productId}${word(0)}`));
}

/** A product's head under the contract's storage root; zero if proven absent. */
export function proveHead(storageRoot: Hex, productId: Hex, nodes: readonly Hex[]): Hex {
  const value = prove(storageRoot, keccak256(fromHex(headSlot(productId))), nodes);
  if (value === null) return EMPTY_HEAD;
  const slot = decodeRlp(value);
  if (!(slot instanceof Uint8Array) || slot.length > 32) throw new Malformed("a storage slot holds at most 32 bytes");
  return `0x${word(toHex(slot))}`;
}

/** The value under a 32-byte key, or null if the nodes prove there is none. */
export function prove(root: Hex, key: Hex, nodes: readonly Hex[]): Uint8Array | null {
  if (root === EMPTY_ROOT) {
    if (nodes.length > 0 && nodes.join() !== "0x80") throw new Malformed("an empty trie has no nodes");
    return null;
  }
  const walk = new Walk(nodes);
  const value = walk.down(walk.take(root), key.slice(2));
  walk.refuseLeftovers();
  return value;
}

class Walk {
  private next = 0;
  private readonly nodes: readonly Hex[];

  constructor(nodes: readonly Hex[]) {
    this.nodes = nodes;
  }

  take(digest: Hex): Rlp[] {
    const encoded = this.nodes[this.next];
    if (encoded === undefined) throw new Malformed("a proof node is missing");
    const bytes = fromHex(encoded);
    if (keccak256(bytes) !== digest) {
      throw new Malformed(`proof node ${this.next} does not have the hash its parent names`);
    }
    this.next += 1;
    return asNode(decodeRlp(bytes));
  }

  down(start: Rlp[], key: string): Uint8Array | null {
    let node = start;
    let path = key;
    for (;;) {
      let child: Rlp | undefined;
      if (node.length === 17) {
        if (path === "") throw new Malformed("the path of a 32-byte key can not end at a branch");
        child = node[Number.parseInt(path.charAt(0), 16)];
        path = path.slice(1);
      } else {
        const [prefix, isLeaf] = readPrefix(node[0]);
        if (!path.startsWith(prefix)) return null;
        child = node[1];
        path = path.slice(prefix.length);
        if (isLeaf) return leafValue(child, path);
      }
      if (child === undefined || child.length === 0) return null;
      node = child instanceof Uint8Array ? this.take(toHex(child)) : asNode(child);
    }
  }

  refuseLeftovers(): void {
    if (this.next !== this.nodes.length) throw new Malformed("the proof has nodes nobody refers to");
  }
}

function asNode(item: Rlp): Rlp[] {
  if (!Array.isArray(item) || (item.length !== 2 && item.length !== 17)) {
    throw new Malformed("a proof node has 2 or 17 items");
  }
  return item;
}

function leafValue(value: Rlp | undefined, rest: string): Uint8Array {
  if (rest !== "" || !(value instanceof Uint8Array)) {
    throw new Malformed("a leaf stands where a 32-byte key has not ended");
  }
  return value;
}

/** Nibbles and leaf flag of a hex-prefix encoding (Yellow Paper, appendix C). */
function readPrefix(encoded: Rlp | undefined): [string, boolean] {
  const nibbles = encoded instanceof Uint8Array ? toHex(encoded).slice(2) : "";
  const flag = Number.parseInt(nibbles.charAt(0), 16);
  if (!(flag <= 3)) throw new Malformed("a proof node has no valid path");
  return [nibbles.slice(flag % 2 === 1 ? 1 : 2), flag >= 2];
}
