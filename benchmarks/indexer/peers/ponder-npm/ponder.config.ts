// The version npm calls 1.0.0 is older than 0.16: its configuration speaks of networks, and it
// limits itself to 50 requests a second unless told otherwise.
import { readFileSync } from "node:fs";
import { createConfig } from "ponder";
import { http } from "viem";

export default createConfig({
  database: { kind: "postgres", connectionString: process.env.BENCH_DB },
  networks: {
    local: { chainId: 31337, transport: http(process.env.BENCH_RPC), maxRequestsPerSecond: 10_000 },
  },
  contracts: {
    SupplyChain: {
      network: "local",
      abi: JSON.parse(readFileSync(process.env.BENCH_ABI!, "utf8")),
      address: process.env.BENCH_CONTRACT as `0x${string}`,
      startBlock: Number(process.env.BENCH_FIRST),
    },
  },
});
