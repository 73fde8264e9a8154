import { base64url, fromBase64url, fromHex, type Hex, isHex, sha256, utf8 } from "./bytes.ts";
import { canonical, type Json, type JsonObject, MAX_DEPTH, Num, parse, segment } from "./json.ts";
import { Malformed } from "./malformed.ts";

const FORMAT = "sr360-event/1";
const MEMBERS = "_sd_alg bundles chainId contract event format";
const SALT = /^[A-Za-z0-9_-]{22}$/;
const CID = /^bafkrei[a-z2-7]{52}$/;

/** An event as far as it was disclosed (docs/reference/event-document.md). */
export interface OpenedDocument {
  chainId: number;
  contract: Hex;
  event: JsonObject;
  /** JSON pointers of the disclosed fields. */
  disclosed: string[];
  /** JSON pointer of every digest without a disclosure. */
  withheld: string[];
}

interface Disclosure {
  name: string | null;
  value: Json;
}

/** Opens a document after checking that it hashes to the chain's 32 bytes. */
export function verifyDocument(dataHash: Hex, payload: string, disclosures: readonly string[]): OpenedDocument {
  if (sha256(utf8(payload)) !== dataHash) {
    throw new Malformed("the document does not hash to the dataHash on chain");
  }
  return openDocument(payload, disclosures);
}

/** RFC 9901 section 7.1, without the JWS around it. */
export function openDocument(payload: string, disclosures: readonly string[]): OpenedDocument {
  const { chainId, contract, event } = readPayload(payload);
  const reader = new Reader(disclosures);
  const members = reader.members(event, "");
  reader.refuseLeftovers();
  return { chainId, contract, event: members, disclosed: reader.disclosed, withheld: reader.withheld };
}

function readPayload(source: string): { chainId: number; contract: Hex; event: JsonObject } {
  const members = parse(source);
  if (!(members instanceof Map) || [...members.keys()].toSorted().join(" ") !== MEMBERS) {
    throw new Malformed(`a document has the members ${MEMBERS}`);
  }
  const event = members.get("event");
  const contract = members.get("contract");
  if (members.get("format") !== FORMAT) throw new Malformed(`the format is not ${FORMAT}`, "/format");
  if (members.get("_sd_alg") !== "sha-256") throw new Malformed("the hash algorithm is not sha-256", "/_sd_alg");
  if (canonical(members) !== source) throw new Malformed("not in RFC 8785 form");
  if (!isHex(contract, 20)) throw new Malformed("expected a lowercase address", "/contract");
  checkBundles(members.get("bundles"));
  checkEvent(event);
  return { chainId: readChainId(members.get("chainId")), contract, event };
}

function readChainId(value: Json | undefined): number {
  const chainId = value instanceof Num && /^[1-9]\d*$/.test(value.lexeme) ? Number(value.lexeme) : 0;
  if (!Number.isSafeInteger(chainId) || chainId === 0) throw new Malformed("chainId is out of range", "/chainId");
  return chainId;
}

function checkBundles(value: Json | undefined): void {
  if (!(value instanceof Map)) throw new Malformed("bundles are named public and private", "/bundles");
  for (const [name, cid] of value) {
    if (!["public", "private"].includes(name) || typeof cid !== "string" || !CID.test(cid)) {
      throw new Malformed("expected a CIDv1 raw sha2-256 in base32", `/bundles/${name}`);
    }
  }
}

function checkEvent(event: Json | undefined): asserts event is JsonObject {
  if (!(event instanceof Map) || typeof event.get("type") !== "string") {
    throw new Malformed("the event has no type in clear", "/event/type");
  }
  if ([...event.keys()].some((name) => name !== "type" && name !== "_sd")) {
    throw new Malformed("only the type of an event stands in clear", "/event");
  }
  digests(event, "/event");
}

function digests(members: JsonObject, pointer: string): string[] {
  const found = members.get("_sd") ?? (members.has("_sd") ? null : []);
  if (!Array.isArray(found)) throw new Malformed("_sd is not an array", pointer);
  return found.map((digest) => {
    if (typeof digest !== "string") throw new Malformed("_sd holds something that is no digest", pointer);
    return digest;
  });
}

function readDisclosure(text: string, pointer: string): Disclosure {
  const source = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let parts: Json;
  try {
    parts = parse(source.decode(fromBase64url(text)));
  } catch (error) {
    throw new Malformed(`disclosure: ${error instanceof Error ? error.message : "unreadable"}`, pointer);
  }
  if (!Array.isArray(parts) || (parts.length !== 2 && parts.length !== 3)) {
    throw new Malformed("disclosure: expected [salt, name, value] or [salt, value]", pointer);
  }
  const [salt, name] = parts;
  if (typeof salt !== "string" || !SALT.test(salt)) {
    throw new Malformed("disclosure: the salt is not 128 bits of base64url", pointer);
  }
  const value = parts.at(-1) ?? null;
  if (parts.length === 2) return { name: null, value };
  if (typeof name !== "string" || name === "_sd" || name === "...") {
    throw new Malformed("disclosure: the name is reserved or no string", pointer);
  }
  return { name, value };
}

/** Puts disclosures where their digests stand; each digest may stand in one place only. */
class Reader {
  readonly disclosed: string[] = [];
  readonly withheld: string[] = [];
  private readonly available = new Map<string, Disclosure>();
  private readonly seen = new Set<string>();

  constructor(disclosures: readonly string[]) {
    for (const [index, text] of disclosures.entries()) {
      const disclosure = readDisclosure(text, `/disclosures/${index}`);
      const digest = base64url(fromHex(sha256(utf8(text))));
      if (this.available.has(digest)) throw new Malformed("a disclosure stands twice", `/disclosures/${index}`);
      this.available.set(digest, disclosure);
    }
  }

  members(committed: JsonObject, pointer: string): JsonObject {
    const result: JsonObject = new Map();
    for (const [name, value] of committed) {
      if (name === "...") throw new Malformed("a digest element outside an array", pointer);
      if (name !== "_sd") result.set(name, this.value(value, `${pointer}/${segment(name)}`));
    }
    for (const digest of digests(committed, pointer)) this.member(digest, result, pointer);
    return result;
  }

  refuseLeftovers(): void {
    const unused = [...this.available.keys()].filter((digest) => !this.seen.has(digest)).length;
    if (unused > 0) throw new Malformed(`${unused} disclosures belong to no digest of the document`);
  }

  private member(digest: string, result: JsonObject, pointer: string): void {
    const made = this.take(digest, pointer);
    if (made === undefined) return;
    if (made.name === null) throw new Malformed("an array element disclosed as a member", pointer);
    const place = `${pointer}/${segment(made.name)}`;
    if (result.has(made.name)) throw new Malformed("a disclosure would overwrite a member", place);
    this.disclosed.push(place);
    result.set(made.name, this.value(made.value, place));
  }

  private value(value: Json, pointer: string): Json {
    if (pointer.split("/").length - 1 > MAX_DEPTH) {
      throw new Malformed(`nested deeper than ${MAX_DEPTH} levels`, pointer);
    }
    if (Array.isArray(value)) return this.elements(value, pointer);
    return value instanceof Map ? this.members(value, pointer) : value;
  }

  private elements(items: Json[], pointer: string): Json[] {
    const result: Json[] = [];
    for (const [index, item] of items.entries()) {
      const place = `${pointer}/${index}`;
      if (!(item instanceof Map) || !item.has("...")) {
        result.push(this.value(item, place));
        continue;
      }
      const made = this.take(elementDigest(item, place), place);
      if (made === undefined) continue;
      if (made.name !== null) throw new Malformed("a member disclosed as an array element", place);
      this.disclosed.push(place);
      result.push(this.value(made.value, place));
    }
    return result;
  }

  private take(digest: string, pointer: string): Disclosure | undefined {
    if (this.seen.has(digest)) throw new Malformed("the same digest stands twice", pointer);
    this.seen.add(digest);
    const made = this.available.get(digest);
    if (made === undefined) this.withheld.push(pointer);
    return made;
  }
}

function elementDigest(item: JsonObject, pointer: string): string {
  const digest = item.get("...");
  if (item.size !== 1 || typeof digest !== "string") {
    throw new Malformed("a digest element holds one digest and nothing else", pointer);
  }
  return digest;
}
