import { AppError } from "@/lib/errors";
import { type Hex, signTypedData, type TypedData } from "@/lib/wallet";
import type { Session } from "./session";

// A key's signature is r, s, v; anything longer is a smart account's (EIP-1271), which only its contract can judge.
const keySignatureChars = 2 + 65 * 2;

async function recover(data: TypedData, signature: Hex): Promise<string> {
  const { recoverTypedDataAddress } = await import("viem");
  const typed = data as unknown as Parameters<typeof recoverTypedDataAddress>[0];
  return recoverTypedDataAddress({ ...typed, signature });
}

/** Signs, and refuses a signature that another account made before it leaves this page. */
export async function sign({ wallet, account }: Session, data: TypedData): Promise<Hex> {
  const signature = await signTypedData(wallet.provider, account, data);
  if (signature.length !== keySignatureChars) return signature;
  const signer = (await recover(data, signature)).toLowerCase();
  if (signer !== account)
    throw new AppError({ code: "wallet_other_account", message: `The wallet signed as ${signer}, not as ${account}.`, hint: "Choose the right account in the wallet and sign again." });
  return signature;
}
