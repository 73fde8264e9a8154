import type { Hex } from "./bytes.ts";
import { checkChain } from "./chain-checks.ts";
import { replay, type Standing } from "./custody.ts";
import { decodeBundle } from "./decode.ts";
import { checkEntryDocuments, openDocuments } from "./document-checks.ts";
import { checkLineage } from "./lineage-checks.ts";
import { Malformed } from "./malformed.ts";
import type { Bundle, Trusted } from "./model.ts";
import { type Call, connect } from "./rpc.ts";
import { checkProduct, checkProducts, checkState, checkTrust } from "./state-checks.ts";
import { Findings, type Verdict } from "./verdict.ts";

export { decodeBundle } from "./decode.ts";
export { openDocument, type OpenedDocument, verifyDocument } from "./document.ts";
export { Malformed } from "./malformed.ts";
export type { Bundle, Contracts, Entry, Log, Product, Trusted } from "./model.ts";
export type { Finding, Status, Verdict } from "./verdict.ts";

export interface VerifyOptions {
  /** Any node of the bundle's chain; without it, what only a node knows stays unchecked. */
  rpcUrl?: string | undefined;
  /** What the reader knows from elsewhere; without it, the contract is the bundle's own word. */
  trusted?: Trusted | undefined;
  /** Instead of `rpcUrl`: how to reach a node. */
  call?: Call | undefined;
}

/** Everything that can be said about a proof bundle; never rejects for what it contains. */
export async function verifyBundle(source: string, options: VerifyOptions = {}): Promise<Verdict> {
  const found = new Findings();
  const bundle = read(source, found);
  if (bundle !== null) await check(bundle, options, found);
  return found.verdict();
}

function read(source: string, found: Findings): Bundle | null {
  try {
    const bundle = decodeBundle(source);
    found.ok("bundle.format", "", "the bundle is well formed");
    return bundle;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    found.bad("bundle.format", error.pointer, error.message);
    return null;
  }
}

async function check(bundle: Bundle, { rpcUrl, trusted, call }: VerifyOptions, found: Findings): Promise<void> {
  checkTrust(bundle, trusted, found);
  checkProducts(bundle, found);
  const storageRoot = checkState(bundle, trusted, found);
  const opened = openDocuments(bundle, found);
  const standings = replay(bundle.products, bundle.logs);
  const heads = bundle.products.map((product, index): Hex | null => {
    const at = `/products/${index}`;
    const head = checkProduct(product, standings[index] as Standing, at, storageRoot, found);
    checkEntryDocuments(product, at, opened, found);
    return head;
  });
  checkLineage(bundle, opened, found);
  const node = call ?? (rpcUrl === undefined ? undefined : connect(rpcUrl));
  await checkChain(bundle, heads, node, found, trusted?.startBlock ?? 0);
}
