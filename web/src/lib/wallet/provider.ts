/** The part of EIP-1193 this app uses. */
export interface Provider {
  request(call: { method: string; params?: readonly unknown[] | Record<string, unknown> }): Promise<unknown>;
  on?(event: string, listener: (...values: never[]) => void): void;
  removeListener?(event: string, listener: (...values: never[]) => void): void;
}

/** EIP-6963 `EIP6963ProviderInfo`. */
export interface WalletInfo {
  uuid: string;
  name: string;
  icon: string;
  rdns: string;
}

export interface Wallet {
  info: WalletInfo;
  provider: Provider;
}
