import { type FormEvent, useState } from "react";
import { productPath } from "@/lib/gs1";
import { Button, TextField } from "@/ui";

export function PassportFinder() {
  const [input, setInput] = useState("");
  const [problem, setProblem] = useState("");
  const open = (event: FormEvent) => {
    event.preventDefault();
    const path = productPath(input);
    if (path === undefined) setProblem("That is not a GS1 Digital Link with a GTIN or an SSCC in it.");
    else window.location.assign(path);
  };
  return (
    <form onSubmit={open} className="flex flex-col gap-3" noValidate>
      <TextField
        label="Link from the QR code"
        hint="Scan the code with your phone’s camera, or paste its link here."
        placeholder="https://id.gs1.org/01/…/10/…"
        inputMode="url"
        value={input}
        onChange={(event) => {
          setInput(event.target.value);
          setProblem("");
        }}
      />
      {problem !== "" && (
        <p role="alert" className="text-sm text-bad">
          {problem}
        </p>
      )}
      <Button type="submit" className="self-start">
        Open passport
      </Button>
    </form>
  );
}
