import { useMutation, useQuery } from "@tanstack/react-query";
import { call, post } from "@/lib/http";
import type { Hex, TypedData } from "@/lib/wallet";

/** One event of a captured document: what it says, and what to sign. */
export interface Captured {
  id: string;
  sentence: string;
  typedData: TypedData;
}

export type CaptureState = "captured" | "signed" | "recorded" | "final" | "failed";

export interface CaptureStatus {
  id: string;
  state: CaptureState;
  error?: { message: string; hint?: string; code?: string } | string | null;
  txHash?: Hex | null;
  blockNumber?: number | null;
}

export interface Draft {
  /** The EPCIS document exactly as its author wrote it. */
  text: string;
  actor: Hex;
  /** Who takes the product over, when this is a hand-over. */
  receiver?: Hex;
  /** Which product changes hands. */
  product?: string;
}

export interface Signatures {
  signature: Hex;
  counterSignature?: Hex;
}

function capturePath({ actor, receiver, product }: Draft): string {
  const wanted = new URLSearchParams({ actor });
  if (receiver !== undefined) wanted.set("receiver", receiver);
  if (product !== undefined) wanted.set("product", product);
  return `/capture?${wanted.toString()}`;
}

/** Same draft, same key: pressing twice, or again after a lost answer, captures once. */
async function idempotencyKey(draft: Draft): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(draft));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function usePrepare() {
  return useMutation({
    mutationFn: async (draft: Draft) => {
      const key = { "Idempotency-Key": await idempotencyKey(draft) };
      return (await post<{ events: readonly Captured[] }>(capturePath(draft), draft.text, key)).events;
    },
  });
}

export function submitSignatures(id: string, signatures: Signatures): Promise<CaptureStatus> {
  return post<CaptureStatus>(`/capture/${encodeURIComponent(id)}/signature`, JSON.stringify(signatures));
}

export const captureKey = (id: string) => ["capture", id] as const;

const settled: readonly CaptureState[] = ["final", "failed"];

/** Follows one event until nothing can change any more; asks every second, less often when the page is hidden. */
export function useCapture(id: string, following: boolean) {
  return useQuery({
    queryKey: captureKey(id),
    enabled: following,
    queryFn: () => call<CaptureStatus>(`/capture/${encodeURIComponent(id)}`),
    refetchInterval: ({ state: { data } }) => (data !== undefined && settled.includes(data.state) ? false : 1_000),
  });
}
