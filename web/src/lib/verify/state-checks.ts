import { EMPTY_HEAD, type Hex } from "./bytes.ts";
import type { Standing } from "./custody.ts";
import { fold, seqOf } from "./head.ts";
import { readHeader } from "./header.ts";
import { CORRECTION } from "./kinds.ts";
import { Malformed } from "./malformed.ts";
import { type Bundle, CONTRACT_NAMES, type Product, type Trusted } from "./model.ts";
import { proveAccount, proveHead } from "./mpt.ts";
import type { Findings } from "./verdict.ts";

/** The bundle's contracts are those the verifier knows. */
export function checkTrust(bundle: Bundle, trusted: Trusted | undefined, found: Findings): void {
  const name = "contract.trusted";
  if (trusted === undefined) {
    const own = `${bundle.contracts.supplyChain} on chain ${bundle.chainId}`;
    found.unchecked(name, "/contracts", `no trusted contract was given; compare ${own} with one you know`);
    return;
  }
  const before = found.list.length;
  if (bundle.chainId !== trusted.chainId) {
    const message = `the bundle is about chain ${bundle.chainId}, the trusted chain is ${trusted.chainId}`;
    found.bad(name, "/chainId", message);
  }
  for (const contract of CONTRACT_NAMES) {
    const [stated, known] = [bundle.contracts[contract], trusted.contracts[contract].toLowerCase()];
    if (stated !== known) {
      found.bad(name, `/contracts/${contract}`, `the bundle names ${stated}, the trusted one is ${known}`);
    }
  }
  if (found.list.length === before) found.ok(name, "/contracts", "the contracts are the trusted ones");
}

/** Each product stands once, and the subject is among them. */
export function checkProducts(bundle: Bundle, found: Findings): void {
  const uris = bundle.products.map((product) => product.uri);
  for (const [index, uri] of uris.entries()) {
    if (uris.indexOf(uri) < index) found.bad("bundle.products", `/products/${index}/uri`, `${uri} stands twice`);
  }
  if (!uris.includes(bundle.subject)) {
    found.bad("bundle.products", "/subject", `${bundle.subject} is not among the products`);
  }
}

/** The contract's storage root, proven from the block's hash; null if that failed. */
export function checkState(bundle: Bundle, trusted: Trusted | undefined, found: Findings): Hex | null {
  const root = stateRoot(bundle, found);
  if (root === null) return null;
  const [name, at] = ["contract.account", "/accountProof"];
  const account = attempt(
    () => proveAccount(root, bundle.contracts.supplyChain, bundle.accountProof),
    (message) => found.bad(name, at, `the contract is not proven: ${message}`),
  );
  if (account === null) return null;
  const code = trusted?.supplyChainCodeHash;
  if (code !== undefined && account.codeHash !== code) {
    found.bad(name, at, `the contract's code hashes to ${account.codeHash}, not ${code}`);
    return null;
  }
  found.ok(name, at, "the block's state holds the contract");
  return account.storageRoot;
}

function stateRoot({ block }: Bundle, found: Findings): Hex | null {
  const read = attempt(
    () => readHeader(block.header),
    (message) => found.bad("block.hash", "/block/header", message),
  );
  if (read === null) return null;
  if (read.hash !== block.hash) {
    found.bad("block.hash", "/block/hash", `the header hashes to ${read.hash}`);
    return null;
  }
  if (read.number !== block.number) {
    found.bad("block.hash", "/block/number", `the header says block ${read.number}`);
    return null;
  }
  found.ok("block.hash", "/block", `the header is that of block ${read.number}`);
  return read.stateRoot;
}

/** A product's proven head, after comparing its history with it; null if not proven. */
export function checkProduct(
  product: Product,
  standing: Standing,
  at: string,
  storageRoot: Hex | null,
  found: Findings,
): Hex | null {
  const head = provenHead(product, at, storageRoot, found);
  if (head !== null) checkHistory(product, at, head, found);
  checkCorrections(product, at, found);
  checkCustody(product, standing, at, found);
  return head;
}

function provenHead(product: Product, at: string, storageRoot: Hex | null, found: Findings): Hex | null {
  const { uri, id, history, storageProof } = product;
  const [name, place] = ["product.head", `${at}/storageProof`];
  if (storageRoot === null) {
    found.unchecked(name, place, `${uri}: the contract is not proven`);
    return null;
  }
  const head = attempt(
    () => proveHead(storageRoot, id, storageProof),
    (message) => found.bad(name, place, `${uri}: the head is not proven: ${message}`),
  );
  if (head === null) return null;
  found.ok(name, place, `${uri}: the chain commits to ${entries(seqOf(head))}`);
  if (head === EMPTY_HEAD && history.length === 0) {
    found.note("product.unrecorded", at, `${uri}: nothing was ever recorded`);
  }
  return head;
}

function checkHistory({ uri, history }: Product, at: string, head: Hex, found: Findings): void {
  const [name, place, count] = ["product.history", `${at}/history`, history.length];
  const before = found.list.length;
  for (const [index, { seq }] of history.entries()) {
    if (seq !== index + 1) {
      found.bad(name, `${place}/${index}/seq`, `${uri}: entry ${seq} stands where entry ${index + 1} belongs`);
    }
  }
  if (count !== seqOf(head)) {
    const message = `${uri}: the chain commits to ${entries(seqOf(head))}, the bundle has ${count}`;
    found.bad(name, place, message);
  } else if (fold(history) !== head) {
    found.bad(name, place, `${uri}: an entry was altered, or entries changed places`);
  }
  if (found.list.length === before) found.ok(name, place, `${uri}: ${entries(count)} lead to the head on chain`);
}

function checkCustody({ uri, ...stated }: Product, standing: Standing, at: string, found: Findings): void {
  const { custodian, recallLevel, refused, missing, container } = standing;
  const [name, before] = ["product.custody", found.list.length];
  const holder = custodian ?? "nobody";
  for (const { actor, seq } of refused) {
    found.bad(name, `${at}/history/${seq - 1}/actor`, `${uri}: ${actor} made entry ${seq} without custody`);
  }
  if (missing !== null) {
    const message = `${uri}: the container 0x…${missing.slice(2)} is not in the bundle, so who held it is not known`;
    found.unchecked(name, `${at}/custodian`, message);
  }
  if ((custodian !== null || missing === null) && custodian !== stated.custodian) {
    found.bad(name, `${at}/custodian`, `${uri}: by its history ${holder} holds it`);
  }
  if (recallLevel !== stated.recallLevel) {
    found.bad(name, `${at}/recallLevel`, `${uri}: by its history the recall level is ${recallLevel}`);
  }
  if (found.list.length === before) {
    const inside = container === null ? "" : ` inside ${container}`;
    found.ok(name, `${at}/custodian`, `${uri}: ${holder} holds it${inside}, recall level ${recallLevel}`);
  }
}

function checkCorrections({ uri, history }: Product, at: string, found: Findings): void {
  for (const [index, { kind, seq, counterparty }] of history.entries()) {
    if (kind !== CORRECTION) continue;
    const place = `${at}/history/${index}`;
    const corrected = BigInt(counterparty);
    if (corrected >= 1n && corrected < seq) {
      found.note("entry.corrected", place, `${uri}: entry ${corrected} was corrected by entry ${seq}`);
    } else {
      const message = `${uri}: entry ${seq} corrects entry ${corrected}, which is no earlier one`;
      found.bad("entry.corrected", `${place}/counterparty`, message);
    }
  }
}

export function attempt<T>(action: () => T, refuse: (message: string) => void): T | null {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    refuse(error.message);
    return null;
  }
}

function entries(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}
