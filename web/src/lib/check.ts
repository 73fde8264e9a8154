import type { Checked, Finding, Summary, Verdict } from "./verdict";
import { type Bundle, decodeBundle, Malformed, type Trusted, verifyBundle } from "./verify";

export interface CheckOptions {
  rpcUrl?: string | undefined;
  /** The contracts the reader trusts; a bundle cannot vouch for its own. */
  trusted?: Trusted | undefined;
  /** The product the reader asked about: a good proof of another product is not an answer. */
  subject?: string | undefined;
}

function summarise({ subject, products, block, chainId, documents }: Bundle): Summary {
  return {
    subject,
    products: products.map(({ uri, history }) => ({ uri, entries: history.length })),
    block: block.number,
    chainId,
    documents: documents.size,
  };
}

function read(text: string): Summary | undefined {
  try {
    return summarise(decodeBundle(text));
  } catch (error) {
    // verifyBundle says what is malformed, as a finding.
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

function withSubject(verdict: Verdict, summary: Summary | undefined, wanted: string | undefined): Verdict {
  if (wanted === undefined || summary === undefined || summary.subject === wanted) return verdict;
  const finding: Finding = { name: "bundle.subject", status: "bad", pointer: "/subject", message: `the bundle proves ${summary.subject}, not ${wanted}` };
  return { status: "bad", findings: [finding, ...verdict.findings] };
}

/** Everything that can be said about a bundle's text, and what it is about. */
export async function checkBundle(text: string, { rpcUrl, trusted, subject }: CheckOptions = {}): Promise<Checked> {
  const summary = read(text);
  const verdict = withSubject(await verifyBundle(text, { rpcUrl, trusted }), summary, subject);
  return summary === undefined ? { verdict } : { verdict, summary };
}
