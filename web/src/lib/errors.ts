import { explainRevert } from "@/lib/chain/revert";

/** One finding about one place of what was sent (`core.errors.Issue`). */
export interface Issue {
  rule: string;
  pointer: string;
  message: string;
  hint: string;
}

export interface Explained {
  code: string;
  message: string;
  hint: string;
  issues: readonly Issue[];
}

/** An error the API, a wallet or this page raised on purpose: `code` is stable, the rest is for people. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: string;
  readonly hint: string;
  readonly issues: readonly Issue[];

  constructor({ code, message, hint = "", issues = [] }: Pick<Explained, "code" | "message"> & Partial<Explained>) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.issues = issues;
  }
}

// EIP-1193 and EIP-1474 codes a person can act on.
const walletErrors: Record<number, Omit<Explained, "issues">> = {
  4001: { code: "wallet_refused", message: "You declined in the wallet.", hint: "Nothing was signed or sent. You can try again." },
  4100: { code: "wallet_locked", message: "The wallet has not shared this account.", hint: "Unlock it and allow this site to see the account." },
  4200: { code: "wallet_unsupported", message: "This wallet cannot do what was asked.", hint: "Choose another wallet." },
  4900: { code: "wallet_offline", message: "The wallet is disconnected.", hint: "Open it and try again." },
  4902: { code: "wallet_unknown_chain", message: "The wallet does not know this network.", hint: "Add the network in the wallet, then sign again." },
  [-32002]: { code: "wallet_busy", message: "The wallet already shows a question.", hint: "Open the wallet and answer it first." },
};

function fromWallet(error: object): Explained | undefined {
  const code = "code" in error && typeof error.code === "number" ? error.code : undefined;
  const known = code === undefined ? undefined : walletErrors[code];
  return known === undefined ? undefined : { ...known, issues: [] };
}

/** Nodes put a contract's revert data into `data`, wallets one or two levels deeper. */
function fromContract(error: object): Explained | undefined {
  let at: unknown = error;
  for (let depth = 0; depth < 4 && typeof at === "object" && at !== null && "data" in at; depth += 1) {
    const refusal = explainRevert(at.data);
    if (refusal !== undefined) return { ...refusal, issues: [] };
    at = at.data;
  }
  return undefined;
}

/** Any thrown thing as a sentence, what to do about it, and a code. */
export function explain(error: unknown): Explained {
  if (error instanceof AppError) return error;
  if (typeof error === "object" && error !== null) {
    const known = fromWallet(error) ?? fromContract(error);
    if (known !== undefined) return known;
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "unexpected", message: message || "Something unexpected happened.", hint: "Try again.", issues: [] };
}
