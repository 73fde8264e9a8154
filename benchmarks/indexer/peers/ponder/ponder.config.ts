// Ponder 0.16: no rate limit is set ("handled automatically"), and one eth_getLogs may span a
// thousand blocks, which skips the search for a limit that anvil does not have.
import { readFileSync } from "node:fs";
import { createConfig } from "ponder";

export default createConfig({
  database: { kind: "postgres", connectionString: process.env.BENCH_DB },
  chains: { local: { id: 31337, rpc: process.env.BENCH_RPC, ws: process.env.BENCH_WS, ethGetLogsBlockRange: 1000 } },
  contracts: {
    SupplyChain: {
      chain: "local",
      abi: JSON.parse(readFileSync(process.env.BENCH_ABI!, "utf8")),
      address: process.env.BENCH_CONTRACT as `0x${string}`,
      startBlock: Number(process.env.BENCH_FIRST),
    },
  },
});
