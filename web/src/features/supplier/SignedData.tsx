import type { TypedData } from "@/lib/wallet";
import { Facts, Hash } from "@/ui";
import { signedFacts } from "./typedFacts";

/** Everything the wallet signs, named; and the raw typed data for whoever wants to compare it with the wallet's screen. */
export function SignedData({ data }: { data: TypedData }) {
  const facts = signedFacts(data).map(({ field, label, value, isHash }) => ({
    name: label,
    key: field,
    value: isHash ? <Hash value={value} /> : value,
  }));
  return (
    <div className="my-5">
      <h3 className="mb-1 text-sm font-semibold">What your signature covers</h3>
      <Facts facts={facts} />
      <details className="mt-2 text-sm">
        <summary className="min-h-8 cursor-pointer py-1 text-muted">As the wallet gets it (EIP-712)</summary>
        <pre tabIndex={0} className="mt-2 max-h-80 overflow-auto rounded-control bg-sunken p-3 font-mono text-xs">
          {JSON.stringify(data, null, 2)}
        </pre>
      </details>
    </div>
  );
}
