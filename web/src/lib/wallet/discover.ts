import type { Provider, Wallet } from "./provider";

declare global {
  interface WindowEventMap {
    "eip6963:announceProvider": CustomEvent<Wallet>;
  }
  interface Window {
    ethereum?: Provider;
  }
}

const legacy = { uuid: "window.ethereum", name: "Browser wallet", icon: "", rdns: "" };

function isWallet(detail: unknown): detail is Wallet {
  if (typeof detail !== "object" || detail === null || !("info" in detail) || !("provider" in detail)) return false;
  const { info, provider } = detail as Partial<Wallet>;
  return typeof info?.uuid === "string" && typeof info.name === "string" && typeof provider?.request === "function";
}

/** Only an image that carries its own data is shown: a wallet must not make the page fetch from elsewhere. */
function withSafeIcon(wallet: Wallet): Wallet {
  const { icon } = wallet.info;
  return { provider: wallet.provider, info: { ...wallet.info, icon: typeof icon === "string" && icon.startsWith("data:image/") ? icon : "" } };
}

export interface WalletStore {
  subscribe: (changed: () => void) => () => void;
  snapshot: () => readonly Wallet[];
}

/** The wallets that announce themselves by EIP-6963, with `window.ethereum` as the last resort. */
export function walletStore(window: Window): WalletStore {
  let announced: readonly Wallet[] = [];
  let fallback: readonly Wallet[] = [];
  const listeners = new Set<() => void>();
  const announce = ({ detail }: CustomEvent<Wallet>) => {
    if (!isWallet(detail) || announced.some(({ info }) => info.uuid === detail.info.uuid)) return;
    announced = [...announced, withSafeIcon(detail)];
    for (const changed of listeners) changed();
  };
  window.addEventListener("eip6963:announceProvider", announce as EventListener);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  return {
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    snapshot() {
      if (announced.length > 0 || window.ethereum === undefined) return announced;
      if (fallback.length === 0) fallback = [{ info: legacy, provider: window.ethereum }];
      return fallback;
    },
  };
}
