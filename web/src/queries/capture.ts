import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { call, post } from "@/lib/http";
import type { Hex, TypedData } from "@/lib/wallet";

export type CaptureState = "captured" | "signed" | "recorded" | "final" | "failed";

export interface Signer {
  address: Hex;
  name: string | null;
  signed: boolean;
}

/** One event of a captured document: what it says, what to sign, and how far it has come. */
export interface Capture {
  id: string;
  state: CaptureState;
  sentence: string;
  products: readonly { productId: Hex; uri: string }[];
  actor: Signer;
  /** Who must sign too, in a hand-over. */
  counterparty: Signer | null;
  typedData: TypedData;
  transactionHash: Hex | null;
  blockNumber: number | null;
  error: string | null;
  errorCode: string | null;
}

export interface Draft {
  /** The EPCIS document exactly as its author wrote it. */
  text: string;
  actor: Hex;
  /** Who takes the product over, when this is a hand-over. */
  counterparty?: Hex;
  /** Which product changes hands. */
  product?: string;
}

/** At least one of the two; each may come from its own signer at its own time. */
export interface Signatures {
  signature?: Hex;
  counterSignature?: Hex;
}

const at = (id: string) => `/capture/${encodeURIComponent(id)}`;

/** Same draft, same key: pressing twice, or again after a lost answer, captures once. */
async function idempotencyKey(draft: Draft, minute: number): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([draft, minute]));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Has the API check a document and prepare each of its events for signing. */
export function usePrepare() {
  return useMutation({
    mutationFn: async (draft: Draft) => {
      const { text, ...named } = draft;
      // A later minute is a new wish: the same event prepared afresh, on the product's newer history.
      const key = { "Idempotency-Key": await idempotencyKey(draft, Math.floor(Date.now() / 60_000)) };
      return (await post<{ events: readonly Capture[] }>(`/capture?${new URLSearchParams(named).toString()}`, text, key)).events;
    },
  });
}

export const captureKey = (id: string) => ["capture", id] as const;

const settled: readonly CaptureState[] = ["final", "failed"];

function isSettled(capture: Capture | undefined): boolean {
  return capture !== undefined && settled.includes(capture.state);
}

/** Follows one event until nothing can change any more: by server-sent events, and by asking where those do not get through. */
export function useCapture(id: string, initial?: Capture) {
  const client = useQueryClient();
  const found = useQuery({
    queryKey: captureKey(id),
    ...(initial === undefined ? {} : { initialData: initial }),
    queryFn: () => call<Capture>(at(id)),
    refetchInterval: ({ state: { data } }) => (isSettled(data) ? false : 3_000),
  });
  const done = isSettled(found.data);
  useEffect(() => {
    if (done) return undefined;
    const stream = new EventSource(`${at(id)}/events`);
    stream.addEventListener("state", ({ data }: MessageEvent<string>) => client.setQueryData(captureKey(id), JSON.parse(data)));
    return () => stream.close();
  }, [client, id, done]);
  return found;
}

/** Hands signatures to the relay; the event's own query then carries on with what the server answered. */
export function useSubmit(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (sign: () => Promise<Signatures>) => post<Capture>(`${at(id)}/signature`, JSON.stringify(await sign())),
    onSuccess: (capture) => client.setQueryData(captureKey(id), capture),
  });
}
