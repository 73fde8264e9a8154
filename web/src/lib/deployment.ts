import { AppError } from "./errors";
import type { Trusted } from "./verify";

/** `contracts/deployments/<chain-id>.json`, and the public RPC URL where a server adds it. */
interface DeploymentFile {
  chainId: number;
  startBlock: number;
  contracts: Record<string, { address: string; codeHash?: string }>;
  rpcUrl?: string;
}

export interface Deployment {
  trusted: Trusted;
  rpcUrl: string | undefined;
}

function isFile(value: unknown): value is DeploymentFile {
  if (typeof value !== "object" || value === null) return false;
  const { chainId, startBlock, contracts } = value as Partial<DeploymentFile>;
  return Number.isSafeInteger(chainId) && Number.isSafeInteger(startBlock) && typeof contracts === "object" && contracts !== null;
}

/** The contracts a deployment file names. Throws AppError when it is not one. */
export function readDeployment(text: string): Deployment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isFile(value)) throw new AppError({ code: "bad_deployment", message: "This is not a deployment file.", hint: "It is the JSON under contracts/deployments, named by its chain id." });
  const { chainId, startBlock, contracts, rpcUrl } = value;
  const address = (name: string) => (contracts[name]?.address ?? "").toLowerCase();
  const code = contracts["SupplyChain"]?.codeHash;
  return {
    rpcUrl,
    trusted: {
      chainId,
      startBlock,
      contracts: {
        supplyChain: address("SupplyChain"),
        sensorOracle: address("SensorOracle"),
        carbonToken: address("CarbonToken"),
        actorRegistry: address("ActorRegistry"),
      },
      ...(code === undefined ? {} : { supplyChainCodeHash: code.toLowerCase() }),
    },
  };
}
