import { onchainTable, primaryKey } from "ponder";

export const entry = onchainTable(
  "entry",
  (t) => ({
    block: t.bigint().notNull(),
    logIndex: t.integer().notNull(),
    txHash: t.hex().notNull(),
    name: t.text().notNull(),
    productId: t.hex().notNull(),
    actor: t.hex().notNull(),
    dataHash: t.hex(),
  }),
  (table) => ({ pk: primaryKey({ columns: [table.block, table.logIndex] }) }),
);
