import { type Hex, sha256, utf8 } from "./bytes.ts";
import { type OpenedDocument, openDocument } from "./document.ts";
import { eventTimeMs } from "./event-time.ts";
import { HANDOVER, RECALL_BASE } from "./kinds.ts";
import { links, parts } from "./lineage.ts";
import type { Bundle, Entry, Product } from "./model.ts";
import { attempt } from "./state-checks.ts";
import type { Findings } from "./verdict.ts";

/** By dataHash; null for a document that is in the bundle but bad. */
export type Opened = Map<Hex, OpenedDocument | null>;

const KINDS: Record<number, string> = {
  1: "ObjectEvent",
  2: "AggregationEvent",
  3: "TransformationEvent",
  4: "TransactionEvent",
  5: "AssociationEvent",
  16: "Handover",
  17: "Correction",
  18: "Packing",
  19: "Unpacking",
};

/** Every document, verified against the hash it stands under. */
export function openDocuments(bundle: Bundle, found: Findings): Opened {
  const used = new Set(bundle.products.flatMap(({ history }) => history.map((entry) => entry.dataHash)));
  const opened: Opened = new Map();
  for (const dataHash of bundle.documents.keys()) {
    const at = `/documents/${dataHash}`;
    opened.set(dataHash, open(bundle, dataHash, at, found));
    if (!used.has(dataHash)) found.bad("document.unused", at, "no entry of the bundle names this document");
  }
  return opened;
}

function open(bundle: Bundle, dataHash: Hex, at: string, found: Findings): OpenedDocument | null {
  const { payload, disclosures } = bundle.documents.get(dataHash) ?? { payload: "", disclosures: [] };
  const actual = sha256(utf8(payload));
  if (actual !== dataHash) {
    found.bad("document.hash", `${at}/payload`, `the document hashes to ${actual}`);
    return null;
  }
  const opened = attempt(
    () => openDocument(payload, disclosures),
    (message) => found.bad("document.content", at, `the document can not be opened: ${message}`),
  );
  if (opened === null) return null;
  const { chainId, contract, disclosed, withheld } = opened;
  if (chainId !== bundle.chainId || contract !== bundle.contracts.supplyChain) {
    found.bad("document.target", `${at}/payload`, `written for ${contract} on chain ${chainId}`);
    return null;
  }
  found.ok("document.content", at, `hashes to the word on chain; fields disclosed: ${disclosed.length}`);
  if (withheld.length > 0) {
    found.note("document.withheld", at, `fields withheld: ${withheld.length}`);
  }
  return opened;
}

/** Each entry's document says the same as the entry. */
export function checkEntryDocuments(product: Product, at: string, opened: Opened, found: Findings): void {
  const known = new Set([product.uri, ...containers(product, opened)]);
  for (const [index, entry] of product.history.entries()) {
    const place = `${at}/history/${index}`;
    const name = `${product.uri}, entry ${entry.seq}`;
    const document = opened.get(entry.dataHash);
    if (document === undefined) missing(entry, place, name, found);
    if (document === undefined || document === null) continue;
    const before = found.list.length;
    checkEntry(entry, document, known, [place, name], found);
    if (found.list.length === before) {
      found.ok("entry.document", place, `${name}: ${kindOf(entry)} says what happened`);
    }
  }
}

/** What a recall says (who, when, which level) is in the entry; its notice may be any file. */
function missing({ kind }: Entry, place: string, name: string, found: Findings): void {
  if (kind >= RECALL_BASE) found.note("entry.notice", place, `${name}: the notice of the recall is not in the bundle`);
  else found.unchecked("entry.document", place, `${name}: its document is not in the bundle`);
}

function checkEntry(
  entry: Entry,
  { event, withheld }: OpenedDocument,
  known: ReadonlySet<string>,
  [place, name]: [string, string],
  found: Findings,
): void {
  const type = event.get("type");
  if (typeof type === "string" && entry.kind < HANDOVER && type !== kindOf(entry)) {
    found.bad("entry.kind", `${place}/kind`, `${name}: recorded as ${kindOf(entry)}, its document is ${type}`);
  }
  const time = event.get("eventTime") ?? null;
  if (time !== null && eventTimeMs(time) !== entry.occurredAt) {
    const says = typeof time === "string" ? time : "no time";
    const message = `${name}: recorded at ${entry.occurredAt}, its document says ${says}`;
    found.bad("entry.time", `${place}/occurredAt`, message);
  }
  if (withheld.length === 0 && !parts(event).some(([, uri]) => known.has(uri))) {
    const message = `${name}: its document names neither the product nor a container of it`;
    found.unchecked("entry.product", place, message);
  }
}

/** Products whose events are about this one too, as its own history discloses. */
function containers({ uri, history }: Product, opened: Opened): string[] {
  return history.flatMap(({ dataHash }) => {
    const document = opened.get(dataHash);
    const found = document ? links(document.event, uri) : [];
    return found.filter(({ relation }) => relation === "container").map(({ other }) => other);
  });
}

function kindOf({ kind }: Entry): string {
  return kind >= RECALL_BASE ? "Recall" : (KINDS[kind] ?? `kind ${kind}`);
}
