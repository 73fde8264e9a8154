import { useState } from "react";
import type { Signer } from "@/queries/capture";
import { Button, Hash, Notice } from "@/ui";
import { writeOffer } from "./sides";

/** What the sender passes on to the receiver: a link to the event they are to sign. */
export function OfferLink({ to, id }: { to: Signer | null; id: string }) {
  const [copied, setCopied] = useState(false);
  const link = new URL(writeOffer(id), window.location.href).href;
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
  };
  return (
    <Notice tone="warn" title="Signed by you. The receiver has to sign too.">
      <p>
        Send this link to {to?.name ?? "the receiver"} {to !== null && <Hash value={to.address} />}. Nothing is recorded until they sign.
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
