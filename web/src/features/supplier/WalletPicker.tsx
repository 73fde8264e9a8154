import { useMutation } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { connect, type Wallet, walletStore } from "@/lib/wallet";
import { Button, Card, ErrorNotice } from "@/ui";
import type { Session } from "./session";

const wallets = walletStore(window);

/** The wallets this browser offers, by their own names and icons. */
export function WalletPicker({ onSession }: { onSession: (session: Session) => void }) {
  const found = useSyncExternalStore(wallets.subscribe, wallets.snapshot);
  const choose = useMutation({
    mutationFn: async (wallet: Wallet): Promise<Session> => ({ wallet, account: await connect(wallet.provider) }),
    onSuccess: onSession,
  });
  return (
    <Card title="Choose your wallet">
      {found.length === 0 ? (
        <NoWallet />
      ) : (
        <ul className="grid gap-3 sm:grid-cols-2">
          {found.map((wallet) => (
            <li key={wallet.info.uuid}>
              <Button
                kind="quiet"
                className="w-full justify-start"
                busy={choose.isPending && choose.variables === wallet}
                disabled={choose.isPending}
                onClick={() => choose.mutate(wallet)}
              >
                {wallet.info.icon !== "" && <img src={wallet.info.icon} alt="" className="size-6 rounded" />}
                {wallet.info.name}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-4 text-sm text-muted">Your key stays in the wallet. This page only sees your address and what you sign.</p>
      {choose.isError && (
        <div className="mt-4">
          <ErrorNotice error={choose.error} />
        </div>
      )}
    </Card>
  );
}

function NoWallet() {
  return (
    <p className="text-muted">
      No wallet was found in this browser. Install one that supports EIP-6963 (most do); it appears here by itself.
    </p>
  );
}
