import { type Revert, reverts } from "@/generated/reverts";

/** A contract's refusal as a person reads it; twin of core/chain/revert.py. */
export interface Refusal {
  code: string;
  message: string;
  hint: string;
}

const YEAR_10000_S = 253_402_300_800n;
const HOLE = /\{(\d+):(\w+)\}/g;
/** Error(string) and Panic(uint256), which the compiler adds. */
const TEXT = "0x08c379a0";
const PANIC = "0x4e487b71";

/** What a contract's revert data says; undefined for data that is none, never a selector. */
export function explainRevert(data: unknown): Refusal | undefined {
  if (typeof data !== "string" || !/^0x(?:[0-9a-f]{2}){4,}$/i.test(data)) return undefined;
  const hex = data.toLowerCase();
  const [selector, body] = [hex.slice(0, 10), hex.slice(10)];
  const known = reverts[selector];
  if (known !== undefined) return said(known, body);
  return { code: "contract_reverted", message: compiled(selector, body), hint: "" };
}

function said(revert: Revert, body: string): Refusal {
  const { code, hint, types, sentence } = revert;
  const message = sentence.replaceAll(HOLE, (_, place: string, form: string) => {
    const at = Number(place);
    return (forms[form] ?? plain)(argument(body, at, types[at] ?? ""), types[at] ?? "");
  });
  return { code, hint, message };
}

function compiled(selector: string, body: string): string {
  if (selector === TEXT) return `The contract refused: ${text(argument(body, 0, "string"))}`;
  if (selector === PANIC) return "The contract stopped at a mistake of its own.";
  return "The contract refused for a reason that this page does not know.";
}

/** The bytes of an argument: its word, its own size of it, or what its offset points to. */
function argument(body: string, at: number, type: string): string {
  const word = body.slice(64 * at, 64 * (at + 1));
  if (type === "string" || type === "bytes") {
    const start = 2 * Number(BigInt(`0x${word || "0"}`));
    const length = 2 * Number(BigInt(`0x${body.slice(start, start + 64) || "0"}`));
    return body.slice(start + 64, start + 64 + length);
  }
  if (type === "address") return word.slice(24);
  const size = /^bytes(\d+)$/.exec(type)?.[1];
  return size === undefined ? word : word.slice(0, 2 * Number(size));
}

type Form = (hex: string, type: string) => string;

const forms: Record<string, Form | undefined> = {
  dec: (hex, type) => number(hex, type).toString(),
  hex: plain,
  word: plain,
  holder: (hex) => (/^0*$/.test(hex) ? "nobody recorded it yet" : `0x${hex} does`),
  seq: (hex) => BigInt(`0x${hex.slice(0, 16)}`).toString(),
  moment: (hex) => moment(BigInt(`0x${hex}`)),
  millis: (hex) => moment(BigInt(`0x${hex}`) / 1000n),
  text,
};

function plain(hex: string): string {
  return `0x${hex}`;
}

function number(hex: string, type: string): bigint {
  const value = BigInt(`0x${hex || "0"}`);
  return type.startsWith("int") ? BigInt.asIntN(256, value) : value;
}

function moment(seconds: bigint): string {
  return seconds < YEAR_10000_S ? new Date(Number(seconds) * 1000).toISOString() : `second ${seconds}`;
}

function text(hex: string): string {
  const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  return new TextDecoder().decode(bytes);
}
