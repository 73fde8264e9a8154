import { formatMillis } from "@/lib/format";
import type { Hex, TypedData } from "@/lib/wallet";

/** One signed value: its EIP-712 name, and how to say it. */
export interface SignedFact {
  field: string;
  label: string;
  value: string;
  isHash: boolean;
}

const labels: Record<string, string> = {
  actor: "Signed by",
  from: "Given by",
  to: "Received by",
  productId: "Product id",
  productIds: "Product ids",
  prevHead: "History so far",
  prevHeads: "Histories so far",
  dataHash: "Document hash",
  noticeHash: "Notice hash",
  occurredAt: "Happened at",
  kind: "Kind of event",
  level: "Recall level",
  deadline: "Signature valid until",
};

const kinds: Record<string, string> = { 1: "object event", 2: "aggregation", 3: "transformation", 4: "transaction", 5: "association" };

function say(field: string, value: unknown): string {
  if (field === "occurredAt") return formatMillis(Number(value));
  if (field === "deadline") return formatMillis(Number(value) * 1000);
  if (field === "kind") return kinds[String(value)] ?? String(value);
  return String(value);
}

/** Every value the wallet will sign, in the order of the type; nothing is left out, arrays item by item. */
export function signedFacts({ domain, types, primaryType, message }: TypedData): SignedFact[] {
  const facts = (types[primaryType] ?? []).flatMap(({ name, type }) => {
    const value = message[name];
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.map((item, at) => ({
      field: values.length > 1 ? `${name}.${at}` : name,
      label: `${labels[name] ?? name}${values.length > 1 ? ` ${at + 1}` : ""}`,
      value: say(name, item),
      isHash: /^(address|bytes32)/.test(type),
    }));
  });
  return [
    ...facts,
    { field: "verifyingContract", label: "Contract", value: domain.verifyingContract ?? "none", isHash: true },
    { field: "chainId", label: "Network", value: `chain ${domain.chainId ?? "unknown"}`, isHash: false },
  ];
}

/** The two sides of a hand-over, or undefined for any other event. */
export function handoverOf({ primaryType, message }: TypedData): { from: Hex; to: Hex } | undefined {
  const { from, to } = message;
  if (primaryType !== "Handover" || typeof from !== "string" || typeof to !== "string") return undefined;
  return { from: from.toLowerCase() as Hex, to: to.toLowerCase() as Hex };
}

/** Who the typed data says signs it first. */
export function signerOf(data: TypedData): Hex | undefined {
  const signer = data.message["actor"] ?? data.message["from"];
  return typeof signer === "string" ? (signer.toLowerCase() as Hex) : undefined;
}
