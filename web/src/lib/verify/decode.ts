import { type Hex, isHex, keccak256, utf8 } from "./bytes.ts";
import { type Json, type JsonObject, Num, parse } from "./json.ts";
import { Malformed } from "./malformed.ts";
import { type Bundle, CONTRACT_NAMES, type Contracts, type Entry, type Log, type Product } from "./model.ts";

const FORMAT = "sr360-proof/1";

type Read<T> = (value: Json | undefined, at: string) => T;

/** Reads a bundle strictly; throws Malformed with the pointer of the first place that is wrong. */
export function decodeBundle(source: string): Bundle {
  const names = "accountProof block chainId contracts documents format logs products subject";
  const members = object(parse(source), "", names);
  if (members.get("format") !== FORMAT) throw new Malformed(`the format is not ${FORMAT}`, "/format");
  return {
    chainId: integer(members.get("chainId"), "/chainId"),
    contracts: contracts(members.get("contracts")),
    block: block(members.get("block")),
    accountProof: list(hex)(members.get("accountProof"), "/accountProof"),
    subject: text(members.get("subject"), "/subject"),
    products: list(product)(members.get("products"), "/products"),
    documents: documents(members.get("documents")),
    logs: list(log)(members.get("logs"), "/logs"),
  };
}

function contracts(value: Json | undefined): Contracts {
  const members = object(value, "/contracts", CONTRACT_NAMES.join(" "));
  const read = (name: keyof Contracts): Hex => address(members.get(name), `/contracts/${name}`);
  return {
    actorRegistry: read("actorRegistry"),
    carbonToken: read("carbonToken"),
    sensorOracle: read("sensorOracle"),
    supplyChain: read("supplyChain"),
  };
}

function block(value: Json | undefined): Bundle["block"] {
  const members = object(value, "/block", "hash header number");
  return {
    number: integer(members.get("number"), "/block/number"),
    hash: hash(members.get("hash"), "/block/hash"),
    header: hex(members.get("header"), "/block/header"),
  };
}

function product(value: Json | undefined, at: string): Product {
  const members = object(value, at, "custodian history recallLevel storageProof uri");
  const custodian = members.get("custodian");
  const uri = text(members.get("uri"), `${at}/uri`);
  return {
    uri,
    id: keccak256(utf8(uri)),
    history: list(entry)(members.get("history"), `${at}/history`),
    custodian: custodian === null ? null : address(custodian, `${at}/custodian`),
    recallLevel: integer(members.get("recallLevel"), `${at}/recallLevel`),
    storageProof: list(hex)(members.get("storageProof"), `${at}/storageProof`),
  };
}

function entry(value: Json | undefined, at: string): Entry {
  const names = "actor blockNumber counterparty dataHash kind logIndex occurredAt seq txHash";
  const members = object(value, at, names);
  return {
    seq: integer(members.get("seq"), `${at}/seq`),
    kind: integer(members.get("kind"), `${at}/kind`, 255),
    actor: address(members.get("actor"), `${at}/actor`),
    dataHash: hash(members.get("dataHash"), `${at}/dataHash`),
    occurredAt: integer(members.get("occurredAt"), `${at}/occurredAt`),
    counterparty: address(members.get("counterparty"), `${at}/counterparty`),
    blockNumber: integer(members.get("blockNumber"), `${at}/blockNumber`),
    logIndex: integer(members.get("logIndex"), `${at}/logIndex`),
    txHash: hash(members.get("txHash"), `${at}/txHash`),
  };
}

function documents(value: Json | undefined): Bundle["documents"] {
  if (!(value instanceof Map)) throw new Malformed("expected an object", "/documents");
  const found: Bundle["documents"] = new Map();
  for (const [name, item] of value) {
    const at = `/documents/${name}`;
    const members = object(item, at, "disclosures payload");
    found.set(hash(name, at), {
      payload: text(members.get("payload"), `${at}/payload`),
      disclosures: list(text)(members.get("disclosures"), `${at}/disclosures`),
    });
  }
  return found;
}

function log(value: Json | undefined, at: string): Log {
  const members = object(value, at, "address blockNumber data logIndex topics txHash");
  return {
    address: address(members.get("address"), `${at}/address`),
    topics: list(hash)(members.get("topics"), `${at}/topics`),
    data: hex(members.get("data"), `${at}/data`),
    blockNumber: integer(members.get("blockNumber"), `${at}/blockNumber`),
    logIndex: integer(members.get("logIndex"), `${at}/logIndex`),
    txHash: hash(members.get("txHash"), `${at}/txHash`),
  };
}

function object(value: Json | undefined, at: string, names: string): JsonObject {
  if (!(value instanceof Map) || [...value.keys()].toSorted().join(" ") !== names) {
    throw new Malformed(`expected an object of ${names}`, at);
  }
  return value;
}

function list<T>(read: Read<T>): Read<T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new Malformed("expected a list", at);
    return value.map((item, index) => read(item, `${at}/${index}`));
  };
}

function text(value: Json | undefined, at: string): string {
  if (typeof value !== "string") throw new Malformed("expected a string", at);
  return value;
}

function integer(value: Json | undefined, at: string, limit = Number.MAX_SAFE_INTEGER): number {
  if (!(value instanceof Num) || !/^(?:0|[1-9]\d{0,15})$/.test(value.lexeme)) {
    throw new Malformed("expected a whole number", at);
  }
  const number = Number(value.lexeme);
  if (number > limit) throw new Malformed(`expected a whole number up to ${limit}`, at);
  return number;
}

function hex(value: Json | undefined, at: string): Hex {
  return sized(value, at);
}

function hash(value: Json | undefined, at: string): Hex {
  return sized(value, at, 32);
}

function address(value: Json | undefined, at: string): Hex {
  return sized(value, at, 20);
}

function sized(value: Json | undefined, at: string, length?: number): Hex {
  if (!isHex(value)) throw new Malformed("expected lowercase 0x-hex", at);
  if (!isHex(value, length)) throw new Malformed(`expected ${length} bytes`, at);
  return value;
}
