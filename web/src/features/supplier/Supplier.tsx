import { useEffect, useState } from "react";
import { usePrepare } from "@/queries/capture";
import { Button, ErrorNotice, PageTitle } from "@/ui";
import { Compose } from "./Compose";
import { type Offer, readOffer } from "./offer";
import { Receive } from "./Receive";
import { type Session, watchAccount } from "./session";
import { SignCard } from "./SignCard";
import { WalletPicker } from "./WalletPicker";
import { WhoAmI } from "./WhoAmI";

export function Supplier() {
  const [session, setSession] = useState<Session>();
  useAccountChanges(session, setSession);
  const [offered] = useState(() => offerInLink());
  return (
    <div className="space-y-6">
      <PageTitle title="Record what you did" lead="Describe it, read it in plain words, sign it. You pay nothing, and reading never asks for a wallet." />
      {offered.error !== undefined && <ErrorNotice error={offered.error} />}
      {session === undefined ? (
        <WalletPicker onSession={setSession} />
      ) : (
        <>
          <WhoAmI session={session} onLeave={() => setSession(undefined)} />
          {offered.offer === undefined ? <Record key={session.account} session={session} /> : <Receive session={session} offer={offered.offer} />}
        </>
      )}
    </div>
  );
}

function offerInLink(): { offer?: Offer | undefined; error?: unknown } {
  try {
    return { offer: readOffer(window.location.hash) };
  } catch (error) {
    return { error };
  }
}

function useAccountChanges(session: Session | undefined, setSession: (session: Session | undefined) => void) {
  useEffect(() => {
    if (session === undefined) return;
    return watchAccount(session.wallet.provider, (account) => setSession(account === undefined ? undefined : { ...session, account }));
  }, [session, setSession]);
}

function Record({ session }: { session: Session }) {
  const prepare = usePrepare();
  if (!prepare.isSuccess)
    return <Compose account={session.account} busy={prepare.isPending} error={prepare.error} onDraft={(draft) => prepare.mutate(draft)} />;
  return (
    <>
      {prepare.data.map((event, at) => (
        <SignCard key={event.id} session={session} event={event} place={{ at: at + 1, of: prepare.data.length }} />
      ))}
      <Button kind="quiet" onClick={() => prepare.reset()}>
        Record something else
      </Button>
    </>
  );
}
