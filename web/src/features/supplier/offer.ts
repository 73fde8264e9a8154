import { AppError } from "@/lib/errors";
import type { Hex, TypedData } from "@/lib/wallet";

/** A hand-over that its sender signed and its receiver has yet to sign. It holds nothing secret. */
export interface Offer {
  id: string;
  sentence: string;
  typedData: TypedData;
  signature: Hex;
}

const prefix = "#offer=";

function toBase64Url(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}

/** The part of a link after `#`: browsers keep it to themselves, so the offer travels only with the link. */
export function writeOffer(offer: Offer): string {
  return prefix + toBase64Url(new TextEncoder().encode(JSON.stringify(offer)));
}

function isOffer(value: unknown): value is Offer {
  if (typeof value !== "object" || value === null) return false;
  const { id, sentence, typedData, signature } = value as Partial<Offer>;
  return typeof id === "string" && typeof sentence === "string" && typeof signature === "string" && typedData?.primaryType === "Handover";
}

/** The offer in a link's fragment; undefined when there is none. Throws AppError when it is damaged. */
export function readOffer(fragment: string): Offer | undefined {
  if (!fragment.startsWith(prefix)) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(fromBase64Url(fragment.slice(prefix.length))));
    if (isOffer(value)) return value;
  } catch {
    // Falls through to the one sentence that helps, whatever broke.
  }
  throw new AppError({ code: "damaged_offer", message: "This hand-over link is damaged.", hint: "Ask the sender for the whole link again." });
}
