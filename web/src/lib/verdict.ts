/** How one check ended; `unchecked` is never shown as good (core.chain.proof.verdict.Status). */
export type Status = "ok" | "bad" | "unchecked" | "note";

export interface Finding {
  name: string;
  status: Status;
  /** JSON pointer into the bundle. */
  pointer: string;
  message: string;
}

export interface Verdict {
  status: "ok" | "bad" | "unchecked";
  findings: readonly Finding[];
}

/** What a bundle is about, for saying what was checked. */
export interface Summary {
  subject: string;
  products: readonly { uri: string; entries: number }[];
  block: number;
  chainId: number;
  documents: number;
}

export interface Checked {
  verdict: Verdict;
  /** Absent when the file is not a readable bundle at all. */
  summary?: Summary;
}

export interface Group {
  title: string;
  findings: readonly Finding[];
}

const productPointer = /^\/products\/(\d+)/;

function groupTitle({ pointer }: Finding, summary: Summary | undefined): string {
  const at = productPointer.exec(pointer)?.[1];
  if (at !== undefined) return summary?.products[Number(at)]?.uri ?? `product ${at}`;
  if (pointer.startsWith("/documents")) return "Documents";
  return pointer.startsWith("/logs") ? "Sensors, carbon and actors" : "Chain";
}

/** Findings by what they are about, in the order they were made; each group's worst first. */
export function groupFindings({ verdict, summary }: Checked): Group[] {
  const order: readonly Status[] = ["bad", "unchecked", "note", "ok"];
  const groups = new Map<string, Finding[]>();
  for (const finding of verdict.findings) {
    const title = groupTitle(finding, summary);
    groups.set(title, [...(groups.get(title) ?? []), finding]);
  }
  return [...groups].map(([title, findings]) => ({
    title,
    findings: findings.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status)),
  }));
}

export function count({ findings }: Verdict, status: Status): number {
  return findings.filter((finding) => finding.status === status).length;
}

const few = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;

/** The verdict in one sentence; the word "verified" appears only when everything was. */
export function headline({ verdict, summary }: Checked): string {
  if (verdict.status === "bad") return `Not as recorded: ${few(count(verdict, "bad"), "check", "checks")} failed`;
  if (verdict.status === "unchecked" || summary === undefined) return "Could not check everything";
  return "Verified on this device";
}

/** What stands behind a good verdict, said concretely. */
export function whatWasChecked({ products, block, documents, chainId }: Summary): string {
  const entries = products.reduce((total, product) => total + product.entries, 0);
  return (
    `${few(entries, "entry", "entries")} of ${few(products.length, "product", "products")} and ${few(documents, "document", "documents")} ` +
    `match what chain ${chainId} committed to in block ${block}. None is missing, changed or out of order.`
  );
}
