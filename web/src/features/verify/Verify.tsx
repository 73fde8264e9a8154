import { type FormEvent, useState } from "react";
import type { Deployment } from "@/lib/deployment";
import { useCheck, useSiteDeployment } from "@/queries/check";
import { Button, Card, ErrorNotice, FileDrop, Loading, PageTitle, TextField } from "@/ui";
import { TrustedContracts } from "./TrustedContracts";
import { VerdictView } from "./VerdictView";

interface Picked {
  name: string;
  text: string;
}

/** Checks a proof bundle in this browser; the file never leaves it. */
export function Verify() {
  const site = useSiteDeployment();
  const [rpcUrl, setRpcUrl] = useState("");
  const [own, setOwn] = useState<Deployment>();
  const [file, setFile] = useState<Picked>();
  const check = useCheck();
  const endpoint = rpcUrl.trim() || own?.rpcUrl || undefined;
  const trusted = (own ?? site.data)?.trusted;
  const run = ({ text }: Picked) => check.mutate({ text, rpcUrl: endpoint, trusted });
  const take = async (chosen: File) => {
    const picked = { name: chosen.name, text: await chosen.text() };
    setFile(picked);
    run(picked);
  };
  const again = (event: FormEvent) => {
    event.preventDefault();
    if (file !== undefined) run(file);
  };
  return (
    <div className="space-y-6">
      <PageTitle title="Verify a proof" lead="Drop a proof bundle. It is checked here, in your browser, and sent nowhere." />
      {site.data !== null && site.data !== undefined && (
        <p className="text-sm text-muted">
          To need no server of ours at all,{" "}
          <a href="/app/verify.html" download="sr360-verify.html" className="text-accent underline underline-offset-4">
            save this page as one file
          </a>{" "}
          and open it from your disk.
        </p>
      )}
      <Card>
        <form onSubmit={again} className="space-y-5">
          <TextField
            label="RPC endpoint (optional)"
            hint="Any Ethereum JSON-RPC URL you trust. Without one the bundle is only checked against its own block header, and the result says so."
            type="url"
            inputMode="url"
            placeholder={site.data?.rpcUrl ?? "https://…"}
            value={rpcUrl}
            onChange={(event) => setRpcUrl(event.target.value)}
          />
          <TrustedContracts site={site.data ?? undefined} own={own} onOwn={setOwn} />
          <FileDrop label="Drop a proof bundle" hint="The JSON file a passport links to" accept=".json,application/json" onFile={(chosen) => void take(chosen)} />
          {file !== undefined && (
            <div className="flex flex-wrap items-center gap-3">
              <p className="min-w-0 break-all">{file.name}</p>
              <Button type="submit" kind="quiet" busy={check.isPending}>
                Check again
              </Button>
            </div>
          )}
        </form>
      </Card>
      {check.isPending && <Loading what="Checking every hash and proof…" />}
      {check.isError && <ErrorNotice error={check.error} />}
      {check.isSuccess && <VerdictView checked={check.data} rpcUrl={check.variables.rpcUrl} />}
    </div>
  );
}
