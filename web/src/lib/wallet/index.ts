export { type WalletStore, walletStore } from "./discover";
export type { Provider, Wallet, WalletInfo } from "./provider";
export { connect, ensureChain, type Hex, signTypedData, type TypedData } from "./sign";
