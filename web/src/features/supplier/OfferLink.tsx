import { useState } from "react";
import type { Hex } from "@/lib/wallet";
import { Button, Hash, Notice } from "@/ui";
import { type Offer, writeOffer } from "./offer";

/** What the sender passes on to the receiver: a link that carries the offer in itself. */
export function OfferLink({ to, offer }: { to: Hex; offer: Offer }) {
  const [copied, setCopied] = useState(false);
  const link = new URL(writeOffer({ id: offer.id, sentence: offer.sentence, typedData: offer.typedData, signature: offer.signature }), window.location.href).href;
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
  };
  return (
    <Notice tone="warn" title="Signed by you. The receiver has to sign too.">
      <p>
        Send this link to <Hash value={to} />. Nothing is recorded until they sign.
      </p>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        <Button kind="quiet" onClick={() => void copy().catch(() => setCopied(false))}>
          {copied ? "Copied" : "Copy link"}
        </Button>
        <a href={link} target="_blank" rel="noreferrer" className="text-accent underline underline-offset-4" data-testid="offer-link">
          Open it in a new tab
        </a>
      </div>
    </Notice>
  );
}
