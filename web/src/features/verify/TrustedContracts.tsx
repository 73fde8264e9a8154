import { useId, useState } from "react";
import { type Deployment, readDeployment } from "@/lib/deployment";
import { Button, ErrorNotice, Hash } from "@/ui";

interface TrustedContractsProps {
  site: Deployment | undefined;
  own: Deployment | undefined;
  onOwn: (deployment: Deployment | undefined) => void;
}

/** A bundle names its own contracts, so somebody else has to say which ones count: this site, or better, you. */
export function TrustedContracts({ site, own, onOwn }: TrustedContractsProps) {
  const id = useId();
  const [error, setError] = useState<unknown>();
  const used = own ?? site;
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      onOwn(readDeployment(await file.text()));
      setError(undefined);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <details className="rounded-control border border-line bg-sunken px-4 py-2">
      <summary className="min-h-8 cursor-pointer py-1">
        Contracts you trust: {used === undefined ? "none given" : own === undefined ? "as this site names them" : "from your own file"}
      </summary>
      <div className="space-y-3 py-3">
        {used !== undefined && (
          <p className="text-sm">
            SupplyChain <Hash value={used.trusted.contracts.supplyChain} /> on chain {used.trusted.chainId}
          </p>
        )}
        <label htmlFor={id} className="block text-sm font-medium">
          Use your own deployment file
        </label>
        <input id={id} type="file" accept=".json,application/json" className="block max-w-full text-sm" onChange={(event) => void take(event.target.files?.[0])} />
        {own !== undefined && (
          <Button kind="quiet" onClick={() => onOwn(undefined)}>
            Forget it
          </Button>
        )}
        {error !== undefined && <ErrorNotice error={error} />}
      </div>
    </details>
  );
}
