import { useMutation } from "@tanstack/react-query";
import { type Captured, submitSignatures } from "@/queries/capture";
import type { Hex } from "@/lib/wallet";
import { Button, Card, ErrorNotice } from "@/ui";
import { Follow } from "./Follow";
import { OfferLink } from "./OfferLink";
import type { Session } from "./session";
import { sign } from "./sign";
import { SignedData } from "./SignedData";
import { handoverOf } from "./typedFacts";

interface SignCardProps {
  session: Session;
  event: Captured;
  /** Position among the events of one document, from 1, and how many there are. */
  place: { at: number; of: number };
}

/** One captured event: what it says, what is signed, and then how far it has come. */
export function SignCard({ session, event, place }: SignCardProps) {
  const handover = handoverOf(event.typedData);
  const signing = useMutation({ mutationFn: () => signFirst(session, event, handover !== undefined) });
  return (
    <Card title={place.of > 1 ? `Event ${place.at} of ${place.of}` : "Read, then sign"}>
      <p className="text-xl font-medium text-pretty">{event.sentence}</p>
      <SignedData data={event.typedData} />
      {!signing.isSuccess && (
        <Button busy={signing.isPending} onClick={() => signing.mutate()}>
          {signing.isPending ? "Answer in your wallet…" : "Sign with your wallet"}
        </Button>
      )}
      {signing.isError && (
        <div className="mt-4">
          <ErrorNotice error={signing.error} />
        </div>
      )}
      {signing.isSuccess && handover !== undefined && (
        <OfferLink to={handover.to} offer={{ ...event, signature: signing.data }} />
      )}
      <Follow id={event.id} following={signing.isSuccess} />
    </Card>
  );
}

/** A hand-over waits for its receiver, so its first signature stays on this page; anything else is sent at once. */
async function signFirst(session: Session, event: Captured, waits: boolean): Promise<Hex> {
  const signature = await sign(session, event.typedData);
  if (!waits) await submitSignatures(event.id, { signature });
  return signature;
}
