import type { Capture } from "@/queries/capture";
import { Facts, Hash } from "@/ui";
import { signedFacts } from "./typedFacts";

/** Everything the wallet signs, named; and the raw typed data for whoever wants to compare it with the wallet's screen. */
export function SignedData({ capture }: { capture: Capture }) {
  const facts = signedFacts(capture).map(({ label, value, isHash }) => ({ name: label, value: isHash ? <Hash value={value} /> : value }));
  return (
    <div className="my-5">
      <h3 className="mb-1 text-sm font-semibold">What your signature covers</h3>
      <Facts facts={facts} />
      <details className="mt-2 text-sm">
        <summary className="min-h-8 cursor-pointer py-1 text-muted">As the wallet gets it (EIP-712)</summary>
        {/* A scrolling box must be reachable by keyboard (axe: scrollable-region-focusable). */}
        {/* oxlint-disable-next-line no-noninteractive-tabindex */}
        <pre tabIndex={0} className="mt-2 max-h-80 overflow-auto rounded-control bg-sunken p-3 font-mono text-xs">
          {JSON.stringify(capture.typedData, null, 2)}
        </pre>
      </details>
    </div>
  );
}
