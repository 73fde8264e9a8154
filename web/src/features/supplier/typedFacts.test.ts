import { expect, it } from "vitest";
import type { Capture } from "@/queries/capture";
import { signedFacts } from "./typedFacts";

const uri = "https://id.gs1.org/01/00860009999923/10/ABC1234";
// cast keccak https://id.gs1.org/01/00860009999923/10/ABC1234
const productId = "0x4c7acca13b3b10b8b32e42ffbc6f023b6287d9019b4db5ef2d372d1ac041ef35";
const other = `0x${"77".repeat(32)}`;

function batch(productIds: readonly string[]): Capture {
  const types = { RecordBatch: [{ name: "actor", type: "address" }, { name: "productIds", type: "bytes32[]" }, { name: "occurredAt", type: "uint64" }, { name: "kind", type: "uint8" }, { name: "novel", type: "bytes32" }] };
  const message = { actor: `0x${"11".repeat(20)}`, productIds, occurredAt: "0", kind: 2, novel: other };
  const typedData = { domain: { chainId: 31337, verifyingContract: `0x${"22".repeat(20)}` }, types, primaryType: "RecordBatch", message };
  return { typedData, products: [{ productId: other, uri }] } as unknown as Capture;
}

it("says every signed value, also of fields it does not know", () => {
  const fields = signedFacts(batch([productId, other])).map(({ field }) => field);
  expect(fields).toEqual(["actor.0", "productIds.0", "productIds.1", "occurredAt.0", "kind.0", "novel.0", "domain.verifyingContract", "domain.chainId"]);
});

it("names a product only when the signed id is the hash of that name, whatever the server claims", () => {
  const values = signedFacts(batch([productId, other])).map(({ value }) => value);
  expect(values[1]).toBe("GTIN 00860009999923, lot ABC1234");
  expect(values[2]).toBe(`unknown product ${other}`);
});
