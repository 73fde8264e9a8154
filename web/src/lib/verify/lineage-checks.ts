import type { Hex } from "./bytes.ts";
import type { Opened } from "./document-checks.ts";
import { PACKED } from "./kinds.ts";
import { type Link, links, type Relation, required } from "./lineage.ts";
import type { Bundle, Product } from "./model.ts";
import type { Findings } from "./verdict.ts";

const WORDS: Record<Relation, string> = {
  input: "an input of",
  container: "a container of",
  content: "a content of",
};

/** A link and the documents of the product's own history that claim it. */
interface Claim {
  link: Link;
  documents: Hex[];
}

/** Walks from the subject over every disclosed link; what it reaches must be in the bundle. */
export function checkLineage(bundle: Bundle, opened: Opened, found: Findings): void {
  const byUri = new Map(bundle.products.map((product, index) => [product.uri, { index, product }]));
  const reached = new Set(byUri.has(bundle.subject) ? [bundle.subject] : []);
  // A Set visits what is added to it on the way.
  for (const uri of reached) {
    const here = byUri.get(uri);
    if (here === undefined) continue;
    for (const claim of claims(here.product, opened)) {
      if (!required(claim.link, uri === bundle.subject)) continue;
      const other = byUri.get(claim.link.other)?.product;
      checkClaim(claim, here.product, `/products/${here.index}`, other, found);
      if (other !== undefined) reached.add(other.uri);
    }
    for (const inside of containers(here.product, bundle)) reached.add(inside);
  }
  for (const [uri, { index }] of byUri) {
    if (reached.has(uri)) continue;
    const message = `${uri}: nothing disclosed links it to ${bundle.subject}`;
    found.unchecked("lineage.unrelated", `/products/${index}`, message);
  }
}

/** The bundle's products that the chain itself says this one was packed into. */
function containers({ history }: Product, { products }: Bundle): string[] {
  const tails = history.filter(({ kind }) => kind === PACKED).map(({ counterparty }) => counterparty);
  return products.filter(({ id }) => tails.includes(`0x${id.slice(26)}`)).map((product) => product.uri);
}

function claims({ uri, history }: Product, opened: Opened): Claim[] {
  const found = new Map<string, Claim>();
  for (const { dataHash } of history) {
    const document = opened.get(dataHash);
    for (const link of document ? links(document.event, uri) : []) {
      const key = `${link.relation} ${link.other}`;
      const claim = found.get(key) ?? { link, documents: [] };
      claim.documents.push(dataHash);
      found.set(key, claim);
    }
  }
  return [...found.values()];
}

function checkClaim(
  { link, documents }: Claim,
  product: Product,
  at: string,
  other: Product | undefined,
  found: Findings,
): void {
  const sentence = `${link.other} is ${WORDS[link.relation]} ${product.uri}`;
  const name = `lineage.${link.relation}`;
  if (other === undefined) found.unchecked(name, at, `${sentence}, but not in the bundle`);
  else if (other.history.some(({ dataHash }) => documents.includes(dataHash))) {
    found.ok(name, at, `${sentence}: both histories record it`);
  } else found.unchecked(name, at, `${sentence}, but only the latter's history records it`);
}
