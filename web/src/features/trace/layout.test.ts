import { describe, expect, it } from "vitest";
import { box, layout, stepFrom } from "./layout";
import { amountWords, balanceWords, doubtWords, type Graph, joined, type TraceLink, type TraceNode } from "./model";
import { fitted, moved, viewBox, zoomed } from "./view";

const node = (id: string, depth: number): TraceNode => ({ productId: `0x${id}`, uri: null, part: "MATTER", depth, holder: null, product: null });
const link = (from: string, to: string): TraceLink => ({
  sourceId: `0x${from}`, targetId: `0x${to}`, relation: "TRANSFORMED", dataHash: `0x${from}${to}`, since: 0, until: null, bySource: true, byTarget: true, used: [], made: [],
});

const graph: Graph = {
  start: "0xa",
  nodes: [node("a", 0), node("b", 1), node("c", 1), node("d", 2), node("e", 2)],
  links: [link("a", "b"), link("a", "c"), link("c", "d"), link("b", "e")],
  balances: new Map(),
};

describe("layout", () => {
  it("puts each product in the column of its depth, near what it is linked to", () => {
    const { columns, places } = layout(graph, false);
    expect(columns).toEqual([["0xa"], ["0xb", "0xc"], ["0xe", "0xd"]]);
    expect(places.get("0xd")?.x).toBe(2 * (box.width + box.gapX));
  });

  it("lets time run to the right when it goes back", () => {
    const { places } = layout(graph, true);
    expect(places.get("0xa")?.x).toBe(2 * (box.width + box.gapX));
    expect(places.get("0xd")?.x).toBe(0);
  });

  it("never draws two boxes over each other", () => {
    const places = [...layout(graph, false).places.values()];
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(graph.nodes.length);
  });

  it("walks by arrow keys, and stays at an edge", () => {
    const drawn = layout(graph, false);
    expect(stepFrom(drawn, "0xb", "ArrowDown")).toBe("0xc");
    expect(stepFrom(drawn, "0xb", "ArrowUp")).toBe("0xb");
    expect(stepFrom(drawn, "0xc", "ArrowRight")).toBe("0xd");
    expect(stepFrom(drawn, "0xd", "ArrowLeft")).toBe("0xc");
    expect(stepFrom(drawn, "0xa", "ArrowLeft")).toBe("0xa");
    expect(stepFrom(layout(graph, true), "0xa", "ArrowLeft")).toMatch(/0x[bc]/);
  });
});

describe("view", () => {
  it("shows all, zooms within limits and moves with the hand", () => {
    const view = fitted({ width: 1680, height: 100 }, { width: 864, height: 440 });
    expect(view).toEqual({ x: 840, y: 50, zoom: 0.5 });
    expect(zoomed(view, 1_000).zoom).toBe(4);
    expect(zoomed(view, 0).zoom).toBe(0.1);
    expect(moved(view, 10, -5)).toEqual({ x: 820, y: 60, zoom: 0.5 });
    expect(viewBox(view, { width: 864, height: 440 })).toBe("-24.0 -390.0 1728.0 880.0");
  });
});

describe("words", () => {
  it("keeps a link back until both its ends are read", () => {
    const part = { startId: "0xa", totalNodes: 2, truncated: false, hasNextPage: true, endCursor: null, balances: [] } as const;
    const first = { ...part, nodes: [node("a", 0)], links: [link("a", "b")] };
    expect(joined([first]).links).toEqual([]);
    expect(joined([first, { ...part, nodes: [node("b", 1)], links: [] }]).links).toHaveLength(1);
  });

  it("says whose word it is, how much, and what was lost", () => {
    expect(doubtWords(link("a", "b"))).toBe("");
    expect(doubtWords({ ...link("a", "b"), byTarget: false })).toContain("source");
    expect(amountWords([{ quantity: "2.50", uom: "KGM" }, { quantity: "3", uom: null }])).toBe("2.50 KGM + 3 pieces");
    const balance = { dataHash: "0x1", inputGrams: "5", outputGrams: "7", lossGrams: "-2", state: "GAIN" } as const;
    expect(balanceWords(balance)).toBe("2 g more came out than went in");
    expect(balanceWords({ ...balance, lossGrams: "0", state: "BALANCED" })).toBe("as much came out as went in");
  });
});
