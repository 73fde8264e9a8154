import { useEffect, useState } from "react";
import { usePrepare } from "@/queries/capture";
import { Button, PageTitle } from "@/ui";
import { Compose } from "./Compose";
import { type Session, watchAccount } from "./session";
import { readOffer } from "./sides";
import { SignCard } from "./SignCard";
import { WalletPicker } from "./WalletPicker";
import { WhoAmI } from "./WhoAmI";

/** A supplier's desk: who you are, what happened, your signature, and what became of it. */
export function Supplier() {
  const [session, setSession] = useState<Session>();
  useAccountChanges(session, setSession);
  const [offered] = useState(() => readOffer(window.location.hash));
  return (
    <div className="space-y-6">
      <PageTitle title="Record what you did" lead="Describe it, read it in plain words, sign it. You pay nothing, and reading never asks for a wallet." />
      {session === undefined ? (
        <WalletPicker onSession={setSession} />
      ) : (
        <>
          <WhoAmI session={session} onLeave={() => setSession(undefined)} />
          {offered === undefined ? (
            <Record key={session.account} session={session} />
          ) : (
            <SignCard session={session} id={offered} title="A hand-over for you" />
          )}
        </>
      )}
    </div>
  );
}

function useAccountChanges(session: Session | undefined, setSession: (session: Session | undefined) => void) {
  useEffect(() => {
    if (session === undefined) return undefined;
    return watchAccount(session.wallet.provider, (account) => setSession(account === undefined ? undefined : { ...session, account }));
  }, [session, setSession]);
}

function Record({ session }: { session: Session }) {
  const prepare = usePrepare();
  if (!prepare.isSuccess)
    return <Compose account={session.account} busy={prepare.isPending} error={prepare.error} onDraft={(draft) => prepare.mutate(draft)} />;
  const events = prepare.data;
  return (
    <>
      {events.map((event, at) => (
        <SignCard
          key={event.id}
          session={session}
          id={event.id}
          initial={event}
          title={events.length > 1 ? `Event ${at + 1} of ${events.length}` : "Read, then sign"}
        />
      ))}
      <Button kind="quiet" onClick={() => prepare.reset()}>
        Record something else
      </Button>
    </>
  );
}
