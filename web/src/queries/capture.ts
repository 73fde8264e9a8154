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

/** 128 random bits as hex. `crypto.randomUUID` would need https; a packing hall's own server may not have it. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const unanswered = new Map<string, string>();

/** Trying a draft again after a lost answer uses the same key and captures once; an answered draft starts afresh. */
async function prepare(draft: Draft): Promise<readonly Capture[]> {
  const { text, ...named } = draft;
  const wish = JSON.stringify(draft);
  const key = unanswered.get(wish) ?? randomKey();
  unanswered.set(wish, key);
  const { events } = await post<{ events: readonly Capture[] }>(`/capture?${new URLSearchParams(named).toString()}`, text, { "Idempotency-Key": key });
  unanswered.delete(wish);
  return events;
}

/** Has the API check a document and prepare each of its events for signing. */
export function usePrepare() {
  return useMutation({ mutationFn: prepare });
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
