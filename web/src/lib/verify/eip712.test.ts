import { readFileSync } from "node:fs";

import { hashTypedData, recoverTypedDataAddress, type TypedDataDefinition } from "viem";
import { describe, expect, it } from "vitest";

interface Typed {
  typedData: TypedDataDefinition;
  digest: string;
  signer: string;
  signature: `0x${string}`;
}

const url = new URL("../../../../docs/reference/vectors/eip712.json", import.meta.url);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own committed file
const vectors = JSON.parse(readFileSync(url, "utf8")) as Typed[];

describe("what the API asks a wallet to sign", () => {
  it.each(vectors)("is hashed the same by viem: $typedData.primaryType", async (vector) => {
    const { typedData, digest, signer, signature } = vector;
    expect(hashTypedData(typedData)).toBe(digest);
    const recovered = await recoverTypedDataAddress({ ...typedData, signature });
    expect(recovered.toLowerCase()).toBe(signer);
  });
});
