import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { type AnchoredEvent, eventLeaf, holdsEvent, nextTip, treeOf } from "./anchor.ts";
import { EMPTY_HEAD, type Hex, sha256, utf8 } from "./bytes.ts";
import { Malformed } from "./index.ts";
import { build, leafHash, proofOf, rootOf } from "./merkle.ts";

interface Batch {
  manifest: string;
  manifestHash: Hex;
  root: Hex;
  tip: Hex;
  events: { leaf: Hex; proof: Hex[] }[];
}

const url = new URL("../../../../docs/reference/vectors/anchor.json", import.meta.url);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own committed file
const batches = JSON.parse(readFileSync(url, "utf8")) as Batch[];

interface PackageTree {
  root: Hex;
  values: string[][];
  proofs: Hex[][];
}

const packageUrl = new URL("../../../../tests/data/standard-merkle-tree.json", import.meta.url);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own committed file
const { trees } = JSON.parse(readFileSync(packageUrl, "utf8")) as { trees: PackageTree[] };

/** `abi.encode` of one row: hex as it is, decimals as 32 bytes. */
function encoded(row: string[]): Hex {
  const words = row.map((text) => (text.startsWith("0x") ? text.slice(2) : BigInt(text).toString(16).padStart(64, "0")));
  return `0x${words.join("")}`;
}

function eventsOf({ manifest }: Batch): AnchoredEvent[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own committed file
  return (JSON.parse(manifest) as { events: AnchoredEvent[] }).events;
}

describe("Merkle trees", () => {
  it.each(trees)("are those of @openzeppelin/merkle-tree: $root", ({ root, values, proofs }) => {
    const tree = build(values.map((row) => leafHash(encoded(row))));
    expect(rootOf(tree)).toBe(root);
    expect(values.map((_, index) => proofOf(tree, index))).toEqual(proofs);
  });
});

describe("anchors", () => {
  it.each(batches)("have the root and the proofs of Python: $root", (batch) => {
    const events = eventsOf(batch);
    const tree = treeOf(events);
    expect(rootOf(tree)).toBe(batch.root);
    expect(events.map((event, index) => ({ leaf: eventLeaf(event), proof: proofOf(tree, index) }))).toEqual(batch.events);
  });

  it.each(batches)("prove each event and no altered one: $root", (batch) => {
    for (const [index, event] of eventsOf(batch).entries()) {
      const { proof = [] } = batch.events[index] ?? {};
      expect(holdsEvent(batch.root, event, proof)).toBe(true);
      expect(holdsEvent(batch.root, { ...event, occurredAt: event.occurredAt + 1 }, proof)).toBe(false);
    }
  });

  it("grow the publisher's tip as on chain", () => {
    let tip = EMPTY_HEAD;
    for (const batch of batches) {
      expect(sha256(utf8(batch.manifest))).toBe(batch.manifestHash);
      tip = nextTip(tip, { root: batch.root, count: batch.events.length, manifestHash: batch.manifestHash });
      expect(tip).toBe(batch.tip);
    }
  });

  it("need an event, and have no proof of one they lack", () => {
    expect(() => build([])).toThrow(Malformed);
    expect(() => proofOf(build([EMPTY_HEAD]), 1)).toThrow(RangeError);
  });
});
