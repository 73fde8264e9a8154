import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { reverts } from "@/generated/reverts";
import { AppError, explain } from "@/lib/errors";

import { explainRevert } from "./revert";

const url = new URL("../../../../docs/reference/vectors/reverts.json", import.meta.url);
const samples = JSON.parse(readFileSync(url, "utf8")) as { data: string; message: string }[];
const SELECTOR = /0x[0-9a-f]{8}(?![0-9a-f])/i;

describe("a contract's refusal", () => {
  it("is known for every error of every contract", () => {
    const told = new Set(samples.map(({ data }) => data.slice(0, 10)));
    expect([...told].toSorted()).toEqual(Object.keys(reverts).toSorted());
  });

  it.each(samples)("reads as Python says it: $message", ({ data, message }) => {
    const refusal = explainRevert(data);
    expect(refusal?.message).toBe(message);
    expect(refusal?.code).toMatch(/^[a-z_]+$/);
    expect(refusal?.message).not.toMatch(SELECTOR);
  });

  it.each(["0xdeadbeef", `0x4e487b71${"11".padStart(64, "0")}`, "0xdeadbeef00"])("never shows a selector: %s", (data) => {
    expect(explainRevert(data)?.message).toMatch(/^The contract /);
    expect(explainRevert(data)?.message).not.toMatch(SELECTOR);
  });

  it("gives the reason of a plain text", () => {
    const word = (hex: string): string => hex.padStart(64, "0");
    const data = `0x08c379a0${word("20")}${word("2")}${"6e6f".padEnd(64, "0")}`;
    expect(explainRevert(data)?.message).toBe("The contract refused: no");
  });

  it.each([undefined, "", "0x", "0x12", "hello", 5])("is not seen in %j", (data) => {
    expect(explainRevert(data)).toBeUndefined();
  });

  it("is found in what wallets and nodes throw", () => {
    const { data, message } = samples[0] ?? { data: "", message: "" };
    const thrown = Object.assign(new Error("execution reverted: custom error 0x12345678"), { code: 3, data });
    expect(explain(thrown).message).toBe(message);
    expect(explain({ code: -32603, message: "x", data: { data } }).message).toBe(message);
    expect(explain(new AppError({ code: "own", message: "own" })).message).toBe("own");
  });
});
