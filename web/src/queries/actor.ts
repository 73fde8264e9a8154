import { useQuery } from "@tanstack/react-query";
import { holdingsOperation, identityOperation } from "@/generated/graphql";
import type { Hex } from "@/lib/wallet";
import { query } from "@/lib/graphql";

export const identityKey = (address: Hex) => ["actor", address] as const;
export const holdingsKey = (address: Hex) => ["holdings", address] as const;

/** Who the registrar says this address is. */
export function useIdentity(address: Hex) {
  return useQuery({
    queryKey: identityKey(address),
    queryFn: async () => (await query(identityOperation, { address })).actor,
  });
}

/** The products this address holds now, newest first. */
export function useHoldings(address: Hex) {
  return useQuery({
    queryKey: holdingsKey(address),
    // The mirror follows the chain a moment later, and reads the document behind a name after that.
    refetchInterval: 5_000,
    queryFn: async () => (await query(holdingsOperation, { custodian: address, first: 50 })).products,
  });
}
