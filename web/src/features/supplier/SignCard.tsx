import { type Capture, useCapture, useSubmit } from "@/queries/capture";
import { Button, Card, ErrorNotice, Hash, Loading, Notice } from "@/ui";
import { Follow } from "./Follow";
import { OfferLink } from "./OfferLink";
import type { Session } from "./session";
import { sign } from "./sign";
import { SignedData } from "./SignedData";
import { type Side, sideOf } from "./sides";

interface SignCardProps {
  session: Session;
  id: string;
  initial?: Capture;
  title: string;
}

/** One captured event: what it says, what is signed, and then how far it has come. */
export function SignCard({ session, id, initial, title }: SignCardProps) {
  const { data, error, isPending } = useCapture(id, initial);
  return (
    <Card title={title}>
      {isPending && <Loading what="Fetching the event…" />}
      {data !== undefined && <Event session={session} capture={data} />}
      {error !== null && <ErrorNotice error={error} />}
    </Card>
  );
}

function Event({ session, capture }: { session: Session; capture: Capture }) {
  const side = sideOf(capture, session.account);
  const waiting = capture.counterparty !== null && capture.actor.signed && !capture.counterparty.signed;
  return (
    <>
      <p className="text-xl font-medium text-pretty">{capture.sentence}</p>
      <SignedData capture={capture} />
      <Ask session={session} capture={capture} side={side} />
      {waiting && side === "actor" && <OfferLink to={capture.counterparty} id={capture.id} />}
      <Follow capture={capture} />
    </>
  );
}

interface AskProps {
  session: Session;
  capture: Capture;
  side: Side;
}

/** The one thing this account can do for the event now, if there is any. */
function Ask({ session, capture, side }: AskProps) {
  const submit = useSubmit(capture.id);
  if (side === "other")
    return (
      <Notice tone="warn" title="This event is for another wallet.">
        Use the wallet of <Hash value={(capture.counterparty ?? capture.actor).address} />.
      </Notice>
    );
  const mine = side === "actor" ? capture.actor : capture.counterparty;
  if (mine === null || mine.signed || capture.state === "failed") return null;
  const name = side === "actor" ? "signature" : "counterSignature";
  return (
    <>
      <Button
        busy={submit.isPending}
        onClick={() => submit.mutate(async () => ({ [name]: await sign(session, capture.typedData) }))}
      >
        {submit.isPending ? "Answer in your wallet…" : side === "actor" ? "Sign with your wallet" : "Accept and sign"}
      </Button>
      {submit.isError && (
        <div className="mt-4">
          <ErrorNotice error={submit.error} />
        </div>
      )}
    </>
  );
}
