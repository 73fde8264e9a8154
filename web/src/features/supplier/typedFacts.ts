import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { describeLink, formatMillis } from "@/lib/format";
import type { Capture } from "@/queries/capture";

/** One signed value: its EIP-712 name, and how to say it. */
export interface SignedFact {
  field: string;
  label: string;
  value: string;
  /** A hash or address, which may be shortened for the eye. */
  isHash: boolean;
}

const labels: Record<string, string> = {
  actor: "Signed by",
  from: "Given by",
  to: "Received by",
  productId: "Product",
  productIds: "Product",
  prevHead: "History so far",
  prevHeads: "History so far",
  dataHash: "Document hash",
  noticeHash: "Notice hash",
  occurredAt: "Happened at",
  kind: "Kind of event",
  level: "Recall level",
  deadline: "Signature valid until",
};

const kinds: Record<string, string> = { 1: "object event", 2: "aggregation", 3: "transformation", 4: "transaction", 5: "association" };

/** URIs by the id they really hash to: a name is shown only if this page could compute the signed id from it. */
function namesById({ products }: Capture): ReadonlyMap<string, string> {
  return new Map(products.map(({ uri }) => [`0x${bytesToHex(keccak_256(utf8ToBytes(uri)))}`, uri]));
}

function say(field: string, value: string, names: ReadonlyMap<string, string>): Pick<SignedFact, "value" | "isHash"> {
  const uri = names.get(value);
  if (field.startsWith("productId")) return uri === undefined ? { value: `unknown product ${value}`, isHash: false } : { value: describeLink(uri), isHash: false };
  if (field === "occurredAt") return { value: formatMillis(Number(value)), isHash: false };
  if (field === "deadline") return { value: formatMillis(Number(value) * 1000), isHash: false };
  if (field === "kind") return { value: kinds[value] ?? value, isHash: false };
  if (field.startsWith("prevHead") && /^0x0*$/.test(value)) return { value: "none, it begins here", isHash: false };
  return { value, isHash: value.startsWith("0x") };
}

/** Every value the wallet will sign, in the order of the type; nothing is left out, arrays item by item. */
export function signedFacts(capture: Capture): SignedFact[] {
  const { domain, types, primaryType, message } = capture.typedData;
  const names = namesById(capture);
  const facts = (types[primaryType] ?? []).flatMap(({ name }) => {
    const value = message[name];
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.map((item, at) => ({
      field: `${name}.${at}`,
      label: `${labels[name] ?? name}${values.length > 1 ? ` ${at + 1}` : ""}`,
      ...say(name, String(item), names),
    }));
  });
  return [
    ...facts,
    { field: "domain.verifyingContract", label: "Contract", value: domain.verifyingContract ?? "none", isHash: true },
    { field: "domain.chainId", label: "Network", value: `chain ${domain.chainId ?? "unknown"}`, isHash: false },
  ];
}
