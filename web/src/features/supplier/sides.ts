import type { Capture } from "@/queries/capture";
import type { Hex } from "@/lib/wallet";

/** Which signer of an event this account is. */
export type Side = "actor" | "counterparty" | "other";

export function sideOf({ actor, counterparty }: Capture, account: Hex): Side {
  if (actor.address === account) return "actor";
  return counterparty?.address === account ? "counterparty" : "other";
}

const prefix = "#offer=";

/** The part of a link after `#` that leads a receiver to the event they are to sign. */
export function writeOffer(id: string): string {
  return prefix + encodeURIComponent(id);
}

/** The capture id in a link's fragment; undefined when there is none. */
export function readOffer(fragment: string): string | undefined {
  if (!fragment.startsWith(prefix)) return undefined;
  try {
    return decodeURIComponent(fragment.slice(prefix.length)) || undefined;
  } catch {
    return undefined;
  }
}
