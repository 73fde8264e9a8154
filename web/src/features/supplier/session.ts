import type { Hex, Provider, Wallet } from "@/lib/wallet";

/** A wallet and the account it shared: who is acting on this page. */
export interface Session {
  wallet: Wallet;
  account: Hex;
}

export type AccountsListener = (accounts: readonly string[]) => void;

/** Tells when the person picks another account inside the wallet (EIP-1193 `accountsChanged`). */
export function watchAccount(provider: Provider, changed: (account: Hex | undefined) => void): () => void {
  const listener: AccountsListener = ([account]) => changed(account?.toLowerCase() as Hex | undefined);
  provider.on?.("accountsChanged", listener);
  return () => provider.removeListener?.("accountsChanged", listener);
}
