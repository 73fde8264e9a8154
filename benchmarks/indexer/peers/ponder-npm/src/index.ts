// `context.db.insert` is the documented fast way: rows stay in memory and are flushed by COPY.
import { readFileSync } from "node:fs";
import { ponder } from "ponder:registry";
import { entry } from "ponder:schema";

const abi = JSON.parse(readFileSync(process.env.BENCH_ABI!, "utf8"));
const events = abi.filter(
  (item: any) => item.type === "event" && item.inputs.some((input: any) => input.name === "productId"),
);

for (const { name } of events) {
  (ponder as any).on(`SupplyChain:${name}`, async ({ event, context }: any) => {
    const { args } = event;
    await context.db.insert(entry).values({
      block: event.block.number,
      logIndex: event.log.logIndex,
      txHash: event.transaction.hash,
      name,
      productId: args.productId,
      actor: args.actor ?? args.from,
      dataHash: args.dataHash ?? args.noticeHash ?? null,
    });
  });
}
