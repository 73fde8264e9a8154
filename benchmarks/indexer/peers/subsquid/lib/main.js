// Fast and fair: only the fields that become columns are asked for, no rate limit, ten requests at
// a time in batches of a hundred, validation off (as by default), rows inserted by the batch.
const { readFileSync } = require("node:fs");
const { EvmBatchProcessor } = require("@subsquid/evm-processor");
const { TypeormDatabase } = require("@subsquid/typeorm-store");
const { decoders } = require("./decoders");
const { Entry } = require("./model");

const contract = process.env.BENCH_CONTRACT.toLowerCase();
const decode = decoders(JSON.parse(readFileSync(process.env.BENCH_ABI, "utf8")));

const processor = new EvmBatchProcessor()
  .setRpcEndpoint({ url: process.env.BENCH_RPC, capacity: 10, maxBatchCallSize: 100 })
  .setRpcDataIngestionSettings({ headPollInterval: 100 })
  .setFinalityConfirmation(Number(process.env.BENCH_FINALITY ?? 1))
  .setFields({ block: {}, log: { topics: true, data: true, transactionHash: true } })
  .addLog({ address: [contract] })
  .setBlockRange({ from: Number(process.env.BENCH_FIRST) });

processor.run(
  new TypeormDatabase({ supportHotBlocks: process.env.BENCH_HOT === "1", isolationLevel: "READ COMMITTED" }),
  async (ctx) => {
    const rows = [];
    for (const block of ctx.blocks) {
      for (const log of block.logs) {
        const values = decode(log);
        if (values) rows.push(new Entry({ id: log.id, block: block.header.height, logIndex: log.logIndex, txHash: log.transactionHash, ...values }));
      }
    }
    await ctx.store.insert(rows);
  },
);
