import { describe, expect, it } from "vitest";
import { type Checked, type Finding, groupFindings, headline, whatWasChecked } from "./verdict";

const summary = { subject: "https://id.gs1.org/01/1/10/A", products: [{ uri: "https://id.gs1.org/01/1/10/A", entries: 3 }, { uri: "b", entries: 1 }], block: 7, chainId: 31337, documents: 1 };
const finding = (status: Finding["status"], pointer: string, name: string = status): Finding => ({ name, status, pointer, message: name });

function checked(status: Checked["verdict"]["status"], ...findings: Finding[]): Checked {
  return { verdict: { status, findings }, summary };
}

describe("headline", () => {
  it("says verified only for a good verdict", () => {
    expect(headline(checked("ok", finding("ok", "/block")))).toBe("Verified on this device");
    expect(headline(checked("unchecked", finding("unchecked", "/block")))).toBe("Could not check everything");
    expect(headline(checked("bad", finding("bad", "/block"), finding("ok", "")))).toBe("Not as recorded: 1 check failed");
  });

  it("never says verified about something unreadable", () => {
    expect(headline({ verdict: { status: "ok", findings: [] } })).toBe("Could not check everything");
  });
});

it("says concretely what was checked", () => {
  expect(whatWasChecked(summary)).toBe(
    "4 entries of 2 products and 1 document match what chain 31337 committed to in block 7. None is missing, changed or out of order.",
  );
});

it("groups by product with the worst first, losing no finding", () => {
  const groups = groupFindings(checked("bad", finding("ok", "/products/1/uri"), finding("ok", "/products/0", "first"), finding("bad", "/products/0/history/2"), finding("note", "/documents/0xab"), finding("ok", "/logs/0"), finding("ok", "")));
  expect(groups.map(({ title, findings }) => [title, findings.map(({ name }) => name)])).toEqual([
    ["b", ["ok"]],
    ["https://id.gs1.org/01/1/10/A", ["bad", "first"]],
    ["Documents", ["note"]],
    ["Sensors, carbon and actors", ["ok"]],
    ["Chain", ["ok"]],
  ]);
});
