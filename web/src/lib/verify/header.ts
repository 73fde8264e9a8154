import { fromHex, type Hex, keccak256, toHex } from "./bytes.ts";
import { Malformed } from "./malformed.ts";
import { decodeRlp } from "./rlp.ts";

export interface Header {
  hash: Hex;
  stateRoot: Hex;
  number: number;
}

/** A block header from its RLP. */
export function readHeader(encoded: Hex): Header {
  const bytes = fromHex(encoded);
  const items = decodeRlp(bytes);
  if (!Array.isArray(items) || items.length < 15) throw new Malformed("a block header has at least 15 fields");
  const [stateRoot, number] = [items[3], items[8]];
  if (!(stateRoot instanceof Uint8Array && number instanceof Uint8Array) || stateRoot.length !== 32) {
    throw new Malformed("a field of the block header has the wrong form");
  }
  return {
    hash: keccak256(bytes),
    stateRoot: toHex(stateRoot),
    number: number.reduce((sum, digit) => sum * 256 + digit, 0),
  };
}
