import type { Hex } from "./bytes.ts";
import { HANDOVER, PACKED, RECALL_BASE, UNPACKED } from "./kinds.ts";
import { delegationOf } from "./logs.ts";
import type { Entry, Log, Product } from "./model.ts";

/** Where a product stands after its history; twin of core/chain/proof/custody.py. */
export interface Standing {
  /** null: nobody recorded it, or `missing` says why it is not known. */
  custodian: Hex | null;
  recallLevel: number;
  /** Entries by somebody who neither held the product nor acted for who did; recalls never count. */
  refused: Entry[];
  /** URI of the product it is packed in. */
  container: string | null;
  /** Last 20 bytes of a container that is not among the products: who held this one is not known. */
  missing: Hex | null;
}

/** Held by who holds a container whose history is not at hand. */
class Unknown {
  readonly container: Hex;

  constructor(container: Hex) {
    this.container = container;
  }
}

type Holder = Hex | Unknown | null;

/**
 * The standing of each product. A packed one follows its container, so the histories are replayed
 * together, in the order of the chain; `logs` may say who acted for whom.
 */
export function replay(products: readonly Product[], logs: readonly Log[]): Standing[] {
  const play = new Play(products, logs);
  const entries = products.flatMap(({ history }, at) => history.map((entry) => ({ entry, at })));
  for (const { entry, at } of entries.toSorted((a, b) => compare(a.entry, b.entry))) play.take(at, entry);
  return products.map((_, at) => play.finished(at));
}

class Play {
  readonly #products: readonly Product[];
  readonly #byTail: Map<Hex, number>;
  readonly #standings: Standing[];
  readonly #packed: (Hex | null)[];
  readonly #logs: Log[];

  constructor(products: readonly Product[], logs: readonly Log[]) {
    this.#products = products;
    this.#byTail = new Map(products.map(({ id }, at): [Hex, number] => [tailOf(id), at]).toReversed());
    this.#standings = products.map(() => ({
      custodian: null,
      recallLevel: 0,
      refused: [],
      container: null,
      missing: null,
    }));
    this.#packed = products.map(() => null);
    this.#logs = logs.toSorted(compare);
  }

  take(at: number, entry: Entry): void {
    const [standing, holder] = [this.#at(at), this.#holder(at)];
    if (entry.kind >= RECALL_BASE) standing.recallLevel = entry.kind - RECALL_BASE;
    else if (holder instanceof Unknown) standing.missing ??= holder.container;
    else if (holder !== null && holder !== entry.actor && !this.#actsFor(holder, entry)) standing.refused.push(entry);
    this.#move(at, entry);
  }

  finished(at: number): Standing {
    const [standing, holder] = [this.#at(at), this.#holder(at)];
    if (holder instanceof Unknown) Object.assign(standing, { custodian: null, missing: holder.container });
    else standing.custodian = holder;
    const parent = this.#byTail.get(this.#packed[at] ?? "");
    standing.container = parent === undefined ? null : (this.#products[parent]?.uri ?? null);
    return standing;
  }

  #move(at: number, entry: Entry): void {
    const standing = this.#at(at);
    if (entry.kind === PACKED) this.#packed[at] = entry.counterparty;
    else if (entry.kind === UNPACKED) {
      // Only who holds the container opens it.
      standing.custodian = entry.actor;
      this.#packed[at] = null;
    } else if (entry.kind === HANDOVER) standing.custodian = entry.counterparty;
    else standing.custodian ??= entry.actor;
  }

  #holder(start: number): Holder {
    const seen = new Set<number>();
    let at = start;
    for (;;) {
      const container = this.#packed[at] ?? null;
      if (container === null) return this.#at(at).custodian;
      seen.add(at);
      const parent = this.#byTail.get(container);
      if (parent === undefined || seen.has(parent)) return new Unknown(container);
      at = parent;
    }
  }

  #actsFor(holder: Hex, entry: Entry): boolean {
    const delegation = this.#logs
      .filter((log) => compare(log, entry) < 0)
      .map(delegationOf)
      .findLast((found) => found?.account === holder && found.delegate === entry.actor);
    return delegation?.granted ?? false;
  }

  #at(index: number): Standing {
    const standing = this.#standings[index];
    if (standing === undefined) throw new RangeError(`there is no product ${index}`);
    return standing;
  }
}

function tailOf(id: Hex): Hex {
  return `0x${id.slice(26)}`;
}

function compare(a: Pick<Entry, "blockNumber" | "logIndex">, b: Pick<Entry, "blockNumber" | "logIndex">): number {
  return a.blockNumber - b.blockNumber || a.logIndex - b.logIndex;
}
