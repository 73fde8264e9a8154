import { expect, it } from "vitest";
import { readDeployment } from "./deployment";

const at = (digit: string) => ({ address: `0x${digit.repeat(40)}`, codeHash: `0x${digit.repeat(64)}` });

it("reads the contracts a file names, in lower case", () => {
  const contracts = { SupplyChain: at("A"), SensorOracle: at("b"), CarbonToken: at("c"), ActorRegistry: at("d"), ForecastLedger: at("e") };
  const { trusted } = readDeployment(JSON.stringify({ chainId: 31337, startBlock: 1, contracts }));
  expect(trusted).toEqual({
    chainId: 31337,
    startBlock: 1,
    contracts: { supplyChain: `0x${"a".repeat(40)}`, sensorOracle: at("b").address, carbonToken: at("c").address, actorRegistry: at("d").address },
    supplyChainCodeHash: `0x${"a".repeat(64)}`,
  });
});

it.each(["", "[]", "{}", '{"chainId":"1","startBlock":0,"contracts":{}}'])("refuses %j", (text) => {
  expect(() => readDeployment(text)).toThrow("not a deployment file");
});
