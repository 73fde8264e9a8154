import { useInfiniteQuery } from "@tanstack/react-query";
import { recallScopeOperation, type TraceBackData, traceBackOperation, traceForwardOperation } from "@/generated/graphql";
import { query } from "@/lib/graphql";

export type TracePart = TraceBackData["found"];
export type Way = "back" | "forward" | "recall";

const operations = { back: traceBackOperation, forward: traceForwardOperation, recall: recallScopeOperation } as const;

export const traceKey = (way: Way, uri: string, asOf: number | null) => ["trace", way, uri, asOf] as const;

/** A trace, 100 products after the other, as of a moment (Unix milliseconds) or of now. */
export function useTrace(way: Way, uri: string, asOf: number | null) {
  return useInfiniteQuery({
    queryKey: traceKey(way, uri, asOf),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam }) => (await query(operations[way], { uri, first: 100, after: pageParam, eventTime: asOf })).found,
    getNextPageParam: ({ hasNextPage, endCursor }) => (hasNextPage ? endCursor : null),
  });
}
