import { describe, expect, it } from "vitest";
import { AppError } from "@/lib/errors";
import { walletStore } from "./discover";
import type { Provider, Wallet } from "./provider";
import { connect, signTypedData, type TypedData } from "./sign";

const account = `0x${"ab".repeat(20)}`;

class Announcement extends Event {
  readonly detail: unknown;

  constructor(detail: unknown) {
    super("eip6963:announceProvider");
    this.detail = detail;
  }
}

function browser(ethereum?: Provider): Window & EventTarget {
  return Object.assign(new EventTarget(), { ethereum }) as unknown as Window;
}

function provider(answers: Record<string, (params: unknown) => unknown>, calls: string[] = []): Provider {
  return {
    request: ({ method, params }) => {
      calls.push(method);
      return Promise.resolve(answers[method]?.(params));
    },
  };
}

const wallet = (uuid: string, icon = "data:image/svg+xml,x"): Wallet => ({ info: { uuid, name: `Wallet ${uuid}`, icon, rdns: "org.example" }, provider: provider({}) });

describe("walletStore", () => {
  it("asks wallets to announce themselves, and lists each once", () => {
    const window = browser();
    window.addEventListener("eip6963:requestProvider", () => window.dispatchEvent(new Announcement(wallet("1"))));
    const store = walletStore(window);
    let changes = 0;
    store.subscribe(() => (changes += 1));
    window.dispatchEvent(new Announcement(wallet("1")));
    window.dispatchEvent(new Announcement(wallet("2")));
    expect(store.snapshot().map(({ info }) => info.uuid)).toEqual(["1", "2"]);
    expect(changes).toBe(1);
    expect(store.snapshot()).toBe(store.snapshot());
  });

  it("ignores an announcement that is no wallet, and an icon that would be fetched", () => {
    const window = browser();
    const store = walletStore(window);
    for (const detail of [undefined, null, {}, { info: { uuid: "x" }, provider: {} }]) window.dispatchEvent(new Announcement(detail));
    window.dispatchEvent(new Announcement(wallet("1", "https://tracker.example/icon.png")));
    expect(store.snapshot().map(({ info }) => info.icon)).toEqual([""]);
  });

  it("falls back to window.ethereum only while nobody announced", () => {
    const window = browser(provider({}));
    const store = walletStore(window);
    expect(store.snapshot().map(({ info }) => info.name)).toEqual(["Browser wallet"]);
    expect(store.snapshot()).toBe(store.snapshot());
    window.dispatchEvent(new Announcement(wallet("1")));
    expect(store.snapshot().map(({ info }) => info.uuid)).toEqual(["1"]);
  });
});

describe("connect", () => {
  it("gives the first account in lower case", async () => {
    expect(await connect(provider({ eth_requestAccounts: () => [account.toUpperCase().replace("0X", "0x")] }))).toBe(account);
  });

  it.each([[], null, ["not an address"]])("refuses %j", async (accounts) => {
    await expect(connect(provider({ eth_requestAccounts: () => accounts }))).rejects.toBeInstanceOf(AppError);
  });
});

describe("signTypedData", () => {
  const data: TypedData = { domain: { chainId: 31337 }, types: {}, primaryType: "Record", message: {} };

  it("does not touch the network when it is already right", async () => {
    const calls: string[] = [];
    const signature = await signTypedData(provider({ eth_chainId: () => "0x7a69", eth_signTypedData_v4: () => "0xabcd" }, calls), account, data);
    expect(signature).toBe("0xabcd");
    expect(calls).toEqual(["eth_chainId", "eth_signTypedData_v4"]);
  });

  it("asks for the network, then signs exactly the typed data", async () => {
    let chain = "0x1";
    let signed: unknown;
    const asked = provider({
      eth_chainId: () => chain,
      wallet_switchEthereumChain: () => (chain = "0x7a69"),
      eth_signTypedData_v4: (params) => {
        signed = params;
        return "0xabcd";
      },
    });
    await signTypedData(asked, account, data);
    expect(signed).toEqual([account, JSON.stringify(data)]);
  });

  it("does not sign for another network", async () => {
    const calls: string[] = [];
    await expect(signTypedData(provider({ eth_chainId: () => "0x1" }, calls), account, data)).rejects.toMatchObject({ code: "wallet_wrong_chain" });
    expect(calls).not.toContain("eth_signTypedData_v4");
  });

  it("refuses an answer that is no signature", async () => {
    await expect(signTypedData(provider({ eth_chainId: () => 31337 }), account, data)).rejects.toMatchObject({ code: "wallet_bad_signature" });
  });
});
