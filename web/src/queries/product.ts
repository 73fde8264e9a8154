import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { productOperation, recentOperation } from "@/generated/graphql";
import { query } from "@/lib/graphql";

export const productKey = (uri: string) => ["product", uri] as const;

/** A product with its history, one page of entries after the other. */
export function useProduct(uri: string) {
  return useInfiniteQuery({
    queryKey: productKey(uri),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam }) => query(productOperation, { uri, first: 50, after: pageParam }),
    getNextPageParam: ({ product }) => (product?.events.pageInfo.hasNextPage === true ? product.events.pageInfo.endCursor : null),
  });
}

/** What was recorded last. */
export function useRecent(first: number) {
  return useQuery({ queryKey: ["recent", first], queryFn: async () => query(recentOperation, { first }) });
}
