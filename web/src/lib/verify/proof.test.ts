import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { type Finding, type Trusted, type Verdict, verifyBundle } from "./index.ts";
import { type Call, RpcFailed } from "./rpc.ts";

type Change = [pointer: string, value: unknown];

interface Case {
  name: string;
  changes: Change[];
  rpc: boolean;
  trusted: boolean;
  status: string;
  good: number;
  findings: Finding[];
}

interface Recording {
  bundle: unknown;
  trusted: Trusted;
  rpc: Record<string, unknown>;
  cases: Case[];
}

const url = new URL("../../../../docs/reference/vectors/proof.json", import.meta.url);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own committed file
const recording = JSON.parse(readFileSync(url, "utf8")) as Recording;

/** The node's answers as Python recorded them, looked up by method and parameters. */
const answers = new Map(Object.entries(recording.rpc).map(([question, answer]) => [compact(question), answer]));

function compact(question: string): string {
  return JSON.stringify(sorted(JSON.parse(question)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

const recorded: Call = (method, ...params) => {
  const question = JSON.stringify(sorted([method, ...params]));
  if (!answers.has(question)) return Promise.reject(new RpcFailed("this was not recorded"));
  return Promise.resolve(answers.get(question));
};

function apply(changes: Change[]): string {
  const bundle: unknown = structuredClone(recording.bundle);
  for (const [pointer, value] of changes) {
    const path = pointer.split("/").slice(1);
    const last = path.pop() ?? "";
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a JSON pointer into our own file
    const at = path.reduce((here, name) => (here as Record<string, unknown>)[name], bundle) as Record<string, unknown>;
    const removed = typeof value === "object" && value !== null && "remove" in value;
    if (!removed) at[last] = value;
    else if (Array.isArray(at)) at.splice(Number(last), 1);
    else delete at[last];
  }
  return JSON.stringify(bundle);
}

/** Where JSON breaks is told in each parser's own words. */
function comparable(finding: Finding): Finding {
  return { ...finding, message: finding.message.replace(/not JSON.*/, "not JSON") };
}

const silent: Call = () => Promise.reject(new RpcFailed("down"));
const confused: Call = () => Promise.resolve({ unexpected: true });

async function judge({ changes, rpc, trusted }: Case): Promise<Verdict> {
  return verifyBundle(apply(changes), {
    call: rpc ? recorded : undefined,
    trusted: trusted ? recording.trusted : undefined,
  });
}

describe("a proof bundle recorded from a real chain", () => {
  it.each(recording.cases)("finds what Python finds: $name", async (recordedCase) => {
    const verdict = await judge(recordedCase);
    const listed = verdict.findings.filter(
      ({ status }) => status !== "ok" || recordedCase.changes.length === 0,
    );
    expect(listed.map(comparable)).toEqual(recordedCase.findings.map(comparable));
    expect(verdict.status).toBe(recordedCase.status);
    expect(verdict.findings.filter(({ status }) => status === "ok")).toHaveLength(recordedCase.good);
  });

  it("is never good when a node can not answer", async () => {
    const verdict = await verifyBundle(apply([]), { call: silent, trusted: recording.trusted });
    expect(verdict.status).toBe("unchecked");
    expect(verdict.findings.at(-1)).toMatchObject({ name: "chain.rpc", status: "unchecked" });
  });

  it("is never good when a node answers nonsense", async () => {
    const verdict = await verifyBundle(apply([]), { call: confused, trusted: recording.trusted });
    expect(verdict.status).toBe("unchecked");
  });

  it("says that a node is out of reach", async () => {
    const verdict = await verifyBundle(apply([]), { rpcUrl: "http://127.0.0.1:9", trusted: recording.trusted });
    expect(verdict.status).toBe("unchecked");
  });

  it.each(["", "{", "[]", "null", '"x"'])("refuses %j", async (source) => {
    const verdict = await verifyBundle(source);
    expect(verdict.status).toBe("bad");
  });
});
