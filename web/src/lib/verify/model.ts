import type { Hex } from "./bytes.ts";

/** One entry of a product's history; docs/reference/proof-bundle.md says what each member means. */
export interface Entry {
  seq: number;
  kind: number;
  actor: Hex;
  counterparty: Hex;
  dataHash: Hex;
  occurredAt: number;
  blockNumber: number;
  logIndex: number;
  txHash: Hex;
}

export interface Product {
  uri: string;
  /** keccak256 of the URI. */
  id: Hex;
  history: Entry[];
  custodian: Hex | null;
  recallLevel: number;
  storageProof: Hex[];
}

export interface Log {
  address: Hex;
  topics: Hex[];
  data: Hex;
  blockNumber: number;
  logIndex: number;
  txHash: Hex;
}

export const CONTRACT_NAMES = ["actorRegistry", "carbonToken", "sensorOracle", "supplyChain"] as const;
export type Contracts = Record<(typeof CONTRACT_NAMES)[number], Hex>;

export interface Bundle {
  chainId: number;
  contracts: Contracts;
  block: { number: number; hash: Hex; header: Hex };
  accountProof: Hex[];
  subject: string;
  products: Product[];
  documents: Map<Hex, { payload: string; disclosures: string[] }>;
  logs: Log[];
}

/** What the verifier knows from elsewhere; a bundle can not vouch for its own contracts. */
export interface Trusted {
  chainId: number;
  contracts: Contracts;
  supplyChainCodeHash?: Hex;
  startBlock?: number;
}
