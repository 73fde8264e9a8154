import { Malformed } from "./malformed.ts";

export type Rlp = Uint8Array | Rlp[];

/** Strict RLP (Yellow Paper, appendix B): one item, in its shortest form, nothing behind it. */
export function decodeRlp(bytes: Uint8Array): Rlp {
  const [item, end] = read(bytes, 0);
  if (end !== bytes.length) throw new Malformed("bytes behind the RLP item");
  return item;
}

function read(bytes: Uint8Array, at: number): [Rlp, number] {
  const first = bytes[at];
  if (first === undefined) throw new Malformed("RLP ends too early");
  if (first < 0x80) return [bytes.subarray(at, at + 1), at + 1];
  const base = first < 0xc0 ? 0x80 : 0xc0;
  const [start, length] = span(bytes, at, first - base);
  const end = start + length;
  if (end > bytes.length) throw new Malformed("RLP ends too early");
  if (base === 0xc0) return [items(bytes, start, end), end];
  if (length === 1 && (bytes[start] ?? 0) < 0x80) throw new Malformed("RLP in a longer form than needed");
  return [bytes.subarray(start, end), end];
}

function span(bytes: Uint8Array, at: number, size: number): [number, number] {
  if (size <= 55) return [at + 1, size];
  const start = at + 1 + size - 55;
  const digits = bytes.subarray(at + 1, start);
  const length = digits.reduce((sum, digit) => sum * 256 + digit, 0);
  if (digits[0] === 0 || length <= 55) throw new Malformed("RLP in a longer form than needed");
  return [start, length];
}

function items(bytes: Uint8Array, start: number, end: number): Rlp[] {
  const list: Rlp[] = [];
  let at = start;
  while (at < end) {
    const [item, next] = read(bytes, at);
    list.push(item);
    at = next;
  }
  if (at !== end) throw new Malformed("an RLP item crosses the end of its list");
  return list;
}
