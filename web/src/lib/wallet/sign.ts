import type { Provider } from "./provider";
import { AppError } from "@/lib/errors";

export type Hex = `0x${string}`;

/** EIP-712 typed data as `eth_signTypedData_v4` takes it. */
export interface TypedData {
  domain: { name?: string; version?: string; chainId?: number | string; verifyingContract?: string };
  types: Record<string, readonly { name: string; type: string }[]>;
  primaryType: string;
  message: Record<string, unknown>;
}

const hexText = /^0x[0-9a-fA-F]+$/;

export async function connect(provider: Provider): Promise<Hex> {
  const accounts = await provider.request({ method: "eth_requestAccounts" });
  const account: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
  if (typeof account !== "string" || !hexText.test(account))
    throw new AppError({ code: "wallet_no_account", message: "The wallet shared no account.", hint: "Choose an account in the wallet and try again." });
  return account.toLowerCase() as Hex;
}

async function chainOf(provider: Provider): Promise<number> {
  return Number(await provider.request({ method: "eth_chainId" }));
}

/** Asks for the network of the typed data; only ever called on the way to a signature. */
export async function ensureChain(provider: Provider, chainId: number): Promise<void> {
  if ((await chainOf(provider)) === chainId) return;
  await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: `0x${chainId.toString(16)}` }] });
  if ((await chainOf(provider)) !== chainId)
    throw new AppError({ code: "wallet_wrong_chain", message: `The wallet stayed on another network than ${chainId}.`, hint: "Switch the network in the wallet and sign again." });
}

/** The wallet's signature over `data` (65 bytes as hex). Throws the wallet's refusal unchanged. */
export async function signTypedData(provider: Provider, account: string, data: TypedData): Promise<Hex> {
  if (data.domain.chainId !== undefined) await ensureChain(provider, Number(data.domain.chainId));
  const signature = await provider.request({ method: "eth_signTypedData_v4", params: [account, JSON.stringify(data)] });
  if (typeof signature !== "string" || !hexText.test(signature))
    throw new AppError({ code: "wallet_bad_signature", message: "The wallet answered with something that is not a signature.", hint: "Try another wallet." });
  return signature as Hex;
}
