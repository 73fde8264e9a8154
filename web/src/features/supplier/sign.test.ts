import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, it } from "vitest";
import type { Hex, TypedData } from "@/lib/wallet";
import { sign } from "./sign";

const key = privateKeyToAccount(`0x${"42".repeat(32)}`);
const other = privateKeyToAccount(`0x${"43".repeat(32)}`);
const data: TypedData = {
  domain: { name: "SmartRetail360 SupplyChain", version: "1", chainId: 31337, verifyingContract: `0x${"22".repeat(20)}` },
  types: {
    EIP712Domain: [
      { name: "name", type: "string" },
      { name: "version", type: "string" },
      { name: "chainId", type: "uint256" },
      { name: "verifyingContract", type: "address" },
    ],
    Record: [
      { name: "actor", type: "address" },
      { name: "productId", type: "bytes32" },
      { name: "kind", type: "uint8" },
    ],
  },
  primaryType: "Record",
  message: { actor: key.address, productId: `0x${"77".repeat(32)}`, kind: 1 },
};

/** A session for `account`, whose wallet answers with what `signature` makes. */
function session(account: string, signature: () => Promise<Hex>) {
  const answers: Record<string, () => Promise<unknown>> = { eth_chainId: () => Promise.resolve("0x7a69"), eth_signTypedData_v4: signature };
  const request = ({ method }: { method: string }) => answers[method]?.() ?? Promise.reject(new Error(method));
  return { account: account.toLowerCase() as Hex, wallet: { info: { uuid: "1", name: "W", icon: "", rdns: "" }, provider: { request } } };
}

const signedBy = (signer: typeof key) => () => signer.signTypedData(data as unknown as Parameters<typeof signer.signTypedData>[0]);

describe("sign", () => {
  it("passes on the account's own signature", async () => {
    expect(await sign(session(key.address, signedBy(key)), data)).toBe(await signedBy(key)());
  });

  it("refuses a signature of another account", async () => {
    await expect(sign(session(key.address, signedBy(other)), data)).rejects.toMatchObject({ code: "wallet_other_account" });
  });

  it("leaves a smart account's signature to its contract", async () => {
    const long: Hex = `0x${"ab".repeat(100)}`;
    expect(await sign(session(key.address, () => Promise.resolve(long)), data)).toBe(long);
  });
});
