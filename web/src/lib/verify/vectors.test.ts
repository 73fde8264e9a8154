import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { base64url, EMPTY_HEAD, fromBase64url, keccak256, sha256, utf8 } from "./bytes.ts";
import { replay } from "./custody.ts";
import { eventTimeMs } from "./event-time.ts";
import { grow, leafOf } from "./head.ts";
import { Malformed, openDocument, verifyDocument } from "./index.ts";
import { canonical, parse } from "./json.ts";
import type { Entry, Log } from "./model.ts";

interface Opened {
  payload: string;
  disclosures: string[];
  event: string;
}

interface Vectors {
  document: { documents: (Opened & { dataHash: string })[]; redactions: (Opened & { withheld: string[] })[] };
  refused: { name: string; payload: string; disclosures: string[] }[];
  lexical: {
    accepted: { text: string; canonical: string }[];
    refused: Record<string, string>;
    times: { text: string; milliseconds: number | null }[];
  };
  head: (Entry & { leaf: string; head: string })[];
  custody: {
    name: string;
    products: { uri: string; history: Entry[] }[];
    logs: Log[];
    standings: { custodian: string | null; recallLevel: number; container: string | null; refused: number[] }[];
  }[];
}

function load<K extends keyof Vectors>(name: K): Vectors[K] {
  const url = new URL(`../../../../docs/reference/vectors/${name}.json`, import.meta.url);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own committed file
  return JSON.parse(readFileSync(url, "utf8")) as Vectors[K];
}

const { documents, redactions } = load("document");
const { accepted, refused: refusedTexts, times } = load("lexical");

describe("lossless JSON", () => {
  it.each(accepted)("writes $canonical", ({ text, canonical: wanted }) => {
    expect(canonical(parse(text))).toBe(wanted);
  });

  it.each(Object.entries(refusedTexts))("refuses %s", (_name, text) => {
    expect(() => parse(text)).toThrow(Malformed);
  });

  it.each(times)("reads the time $text", ({ text, milliseconds }) => {
    expect(eventTimeMs(text)).toBe(milliseconds);
  });
});

describe("event documents", () => {
  it.each(documents)("gives back $event", ({ dataHash, payload, disclosures, event }) => {
    const opened = verifyDocument(dataHash, payload, disclosures);
    expect(canonical(opened.event)).toBe(event);
    expect(opened.withheld).toEqual([]);
  });

  it.each(redactions)("shows what is left: $event", ({ payload, disclosures, event, withheld }) => {
    const opened = openDocument(payload, disclosures);
    expect(canonical(opened.event)).toBe(event);
    expect(opened.withheld.toSorted()).toEqual(withheld);
  });

  it.each(load("refused"))("refuses $name", ({ payload, disclosures }) => {
    expect(() => openDocument(payload, disclosures)).toThrow(Malformed);
  });

  it("refuses a document with another hash", () => {
    const [first] = documents;
    expect(() => verifyDocument(EMPTY_HEAD, first?.payload ?? "", [])).toThrow("does not hash");
  });

  it("finds every altered character of a disclosure", () => {
    const { payload = "", disclosures = [] } = documents[0] ?? {};
    for (const [index, text] of disclosures.entries()) {
      const altered = disclosures.with(index, text.slice(0, -1) + (text.endsWith("A") ? "B" : "A"));
      expect(() => openDocument(payload, altered)).toThrow(Malformed);
    }
  });
});

describe("heads", () => {
  it("grow as on chain", () => {
    let head = EMPTY_HEAD;
    for (const entry of load("head")) {
      expect(leafOf(entry)).toBe(entry.leaf);
      head = grow(head, entry.leaf);
      expect(head).toBe(entry.head);
    }
  });
});

describe("custody", () => {
  it.each(load("custody"))("stands as in $name", ({ products, logs, standings }) => {
    const stated = products.map(({ uri, history }) => ({
      uri,
      history,
      id: keccak256(utf8(uri)),
      custodian: null,
      recallLevel: 0,
      storageProof: [],
    }));
    const found = replay(stated, logs).map(({ custodian, recallLevel, container, refused }) => ({
      custodian,
      recallLevel,
      container,
      refused: refused.map(({ seq }) => seq),
    }));
    expect(found).toEqual(standings);
  });

  it("is not known of what was in a container that is not there", () => {
    const entry = { seq: 1, kind: 18, blockNumber: 1, logIndex: 0, occurredAt: 0, dataHash: EMPTY_HEAD, txHash: EMPTY_HEAD };
    const history = [{ ...entry, actor: `0x${"a1".repeat(20)}`, counterparty: `0x${"b2".repeat(20)}` }];
    const product = { uri: "https://id.gs1.org/x", id: EMPTY_HEAD, history, custodian: null, recallLevel: 0, storageProof: [] };
    expect(replay([product], [])[0]).toMatchObject({ custodian: null, missing: `0x${"b2".repeat(20)}` });
  });
});

describe("bytes", () => {
  it("hashes like FIPS 180-4", () => {
    expect(sha256(utf8("abc"))).toBe("0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it.each(["A", "AB=", "AB", "A+B/", ""])("refuses %j as base64url", (text) => {
    expect(() => fromBase64url(text)).toThrow(Malformed);
  });

  it.each([0, 1, 2, 3, 4])("keeps %i bytes beyond a block of base64url", (size) => {
    const bytes = Uint8Array.from({ length: 30 + size }, (_, i) => i * 9);
    expect(fromBase64url(base64url(bytes))).toEqual(bytes);
  });
});
