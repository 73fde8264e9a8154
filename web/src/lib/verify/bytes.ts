import { sha256 as sha256Hash } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";

import { Malformed } from "./malformed.ts";

/** Lowercase 0x-hex; what every hash and address of a bundle is. */
export type Hex = string;

const HEX = /^0x(?:[0-9a-f]{2})*$/;
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export const ZERO_ADDRESS: Hex = `0x${"0".repeat(40)}`;
export const EMPTY_HEAD: Hex = `0x${"0".repeat(64)}`;

export function isHex(text: unknown, length?: number): text is Hex {
  return typeof text === "string" && HEX.test(text) && (length === undefined || text.length === 2 + 2 * length);
}

export function toHex(bytes: Uint8Array): Hex {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

export function fromHex(hex: Hex): Uint8Array {
  if (!isHex(hex)) throw new Malformed("expected lowercase 0x-hex");
  return Uint8Array.from({ length: hex.length / 2 - 1 }, (_, i) => Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16));
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function keccak256(bytes: Uint8Array): Hex {
  return toHex(keccak_256(bytes));
}

export function sha256(bytes: Uint8Array): Hex {
  return toHex(sha256Hash(bytes));
}

/** A value left-padded to a 32-byte ABI word, without 0x. */
export function word(value: Hex | number): string {
  return (typeof value === "number" ? value.toString(16) : value.slice(2)).padStart(64, "0");
}

/** base64url without padding (RFC 7515, appendix C). */
export function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const bits = (a << 16) | (b << 8) | c;
    const digits = [18, 12, 6, 0].map((shift) => BASE64URL[(bits >> shift) & 63]).join("");
    text += digits.slice(0, 1 + Math.min(3, bytes.length - i));
  }
  return text;
}

/** Strict inverse of base64url. */
export function fromBase64url(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const digit of text) {
    bits = ((bits << 6) | BASE64URL.indexOf(digit)) & 0xfff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[at++] = (bits >> count) & 255;
    }
  }
  if (text === "" || base64url(bytes) !== text) throw new Malformed("not base64url without padding");
  return bytes;
}
