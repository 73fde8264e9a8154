import { type FormEvent, useState } from "react";
import type { Draft } from "@/queries/capture";
import type { Hex } from "@/lib/wallet";
import { Button, Card, ErrorNotice, FileDrop, TextArea, TextField } from "@/ui";
import { EventForm } from "./EventForm";

interface ComposeProps {
  account: Hex;
  busy: boolean;
  error: unknown;
  onDraft: (draft: Draft) => void;
}

type Way = "form" | "text";

const address = /^0x[0-9a-fA-F]{40}$/;

/** Describe an event: by a form, or as an EPCIS document pasted or dropped. */
export function Compose({ account, busy, error, onDraft }: ComposeProps) {
  const [way, setWay] = useState<Way>("form");
  const [receiver, setReceiver] = useState("");
  const [product, setProduct] = useState("");
  const badReceiver = receiver !== "" && !address.test(receiver);
  const send = (text: string) => {
    if (badReceiver) return;
    onDraft({
      text,
      actor: account,
      ...(receiver === "" ? {} : { counterparty: receiver.toLowerCase() as Hex }),
      ...(receiver === "" || product === "" ? {} : { product: product.trim() }),
    });
  };
  return (
    <Card title="What happened?">
      <Ways way={way} onWay={setWay} />
      <HandOver receiver={receiver} bad={badReceiver} product={product} onReceiver={setReceiver} onProduct={setProduct} />
      {way === "form" ? <EventForm busy={busy} onText={send} /> : <DocumentText busy={busy} onText={send} />}
      {error !== null && (
        <div className="mt-4">
          <ErrorNotice error={error} />
        </div>
      )}
    </Card>
  );
}

function Ways({ way, onWay }: { way: Way; onWay: (way: Way) => void }) {
  const option = (value: Way, label: string) => (
    <label className={`flex min-h-11 cursor-pointer items-center gap-2 rounded-control border px-4 ${way === value ? "border-accent bg-good-soft" : "border-edge"}`}>
      <input type="radio" name="way" className="accent-accent" checked={way === value} onChange={() => onWay(value)} />
      {label}
    </label>
  );
  return (
    <fieldset className="mb-5 flex flex-wrap gap-3">
      <legend className="sr-only">How do you want to describe it?</legend>
      {option("form", "Fill in a form")}
      {option("text", "EPCIS document")}
    </fieldset>
  );
}

interface HandOverProps {
  receiver: string;
  bad: boolean;
  product: string;
  onReceiver: (value: string) => void;
  onProduct: (value: string) => void;
}

function HandOver({ receiver, bad, product, onReceiver, onProduct }: HandOverProps) {
  return (
    <details className="mb-5 rounded-control border border-line bg-sunken px-4 py-2">
      <summary className="min-h-8 cursor-pointer py-1 font-medium">Does it pass to someone else?</summary>
      <div className="grid gap-4 py-3 sm:grid-cols-2">
        <TextField
          label="Receiver’s address"
          hint={bad ? "An address is 0x and 40 digits or letters a to f." : "They sign too; both signatures are needed."}
          aria-invalid={bad}
          placeholder="0x…"
          value={receiver}
          onChange={(event) => onReceiver(event.target.value.trim())}
        />
        <TextField
          label="Product that changes hands"
          hint="Its link; only needed when the event names several."
          placeholder="https://id.gs1.org/…"
          value={product}
          onChange={(event) => onProduct(event.target.value)}
        />
      </div>
    </details>
  );
}

function DocumentText({ busy, onText }: { busy: boolean; onText: (text: string) => void }) {
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onText(text);
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <FileDrop
        label="Drop an EPCIS 2.0 file"
        hint="JSON or JSON-LD; or paste it below"
        accept=".json,.jsonld,application/json,application/ld+json"
        onFile={(file) => void file.text().then(setText)}
      />
      <TextArea
        label="EPCIS 2.0 document"
        hint="It is sent and signed exactly as written, digit for digit."
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" busy={busy} disabled={text.trim() === ""}>
        Continue
      </Button>
    </form>
  );
}
