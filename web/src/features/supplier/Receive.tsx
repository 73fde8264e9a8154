import { useMutation } from "@tanstack/react-query";
import { submitSignatures } from "@/queries/capture";
import { Button, Card, ErrorNotice, Hash, Notice } from "@/ui";
import { Follow } from "./Follow";
import type { Offer } from "./offer";
import type { Session } from "./session";
import { sign } from "./sign";
import { SignedData } from "./SignedData";
import { handoverOf } from "./typedFacts";

/** The receiver's side of a hand-over that arrived by link. */
export function Receive({ session, offer }: { session: Session; offer: Offer }) {
  const signing = useMutation({
    mutationFn: async () => {
      const counterSignature = await sign(session, offer.typedData);
      await submitSignatures(offer.id, { signature: offer.signature, counterSignature });
    },
  });
  const to = handoverOf(offer.typedData)?.to;
  return (
    <Card title="A hand-over for you">
      <p className="text-xl font-medium text-pretty">{offer.sentence}</p>
      <p className="mt-1 text-sm text-muted">That sentence came with the link; what counts is what you sign:</p>
      <SignedData data={offer.typedData} />
      {to !== undefined && to !== session.account ? (
        <Notice tone="warn" title="This hand-over is for another address.">
          Use the wallet of <Hash value={to} /> to accept it.
        </Notice>
      ) : (
        !signing.isSuccess && (
          <Button busy={signing.isPending} onClick={() => signing.mutate()}>
            Accept and sign
          </Button>
        )
      )}
      {signing.isError && (
        <div className="mt-4">
          <ErrorNotice error={signing.error} />
        </div>
      )}
      <Follow id={offer.id} following={signing.isSuccess} />
    </Card>
  );
}
