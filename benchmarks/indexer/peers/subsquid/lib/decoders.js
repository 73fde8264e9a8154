// Subsquid's own codec, as evm-typegen would write it out: one `event(...)` for each of the ABI's.
const { event, indexed } = require("@subsquid/evm-abi");
const p = require("@subsquid/evm-codec");
const { keccak256 } = require("@subsquid/evm-abi");

const KINDS = { bytes32: p.bytes32, address: p.address, uint8: p.uint8, uint64: p.uint64, uint128: p.uint128, uint256: p.uint256 };

function decoders(abi) {
  const known = new Map();
  for (const item of abi) {
    if (item.type !== "event" || !item.inputs.some((input) => input.name === "productId")) continue;
    const signature = `${item.name}(${item.inputs.map((input) => input.type).join(",")})`;
    const fields = {};
    for (const input of item.inputs) {
      fields[input.name] = input.indexed ? indexed(KINDS[input.type]) : KINDS[input.type];
    }
    const topic = `0x${keccak256(signature).toString("hex")}`;
    known.set(topic, { name: item.name, codec: event(topic, signature, fields) });
  }
  return (log) => {
    const found = known.get(log.topics[0]);
    if (!found) return undefined;
    const args = found.codec.decode(log);
    return {
      name: found.name,
      productId: args.productId,
      actor: args.actor ?? args.from,
      dataHash: args.dataHash ?? args.noticeHash ?? null,
    };
  };
}

module.exports = { decoders };
