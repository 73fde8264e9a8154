import type { Graph } from "./model";

export const box = { width: 232, height: 60, gapX: 72, gapY: 22 } as const;

export interface Placed {
  id: string;
  column: number;
  row: number;
  x: number;
  y: number;
}

export interface Layout {
  places: ReadonlyMap<string, Placed>;
  columns: readonly (readonly string[])[];
  width: number;
  height: number;
}

/**
 * Columns are the steps from the start, which the server counts; inside a column each product stands near the middle of
 * what it is linked to in the column before. Going back, the start is on the right, so that time always runs to the right.
 */
export function layout({ nodes, links }: Graph, startOnTheRight: boolean): Layout {
  const columns = ordered(nodes, neighbours(links));
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = tallest * (box.height + box.gapY) - box.gapY;
  const places = new Map<string, Placed>();
  columns.forEach((column, index) => {
    const at = startOnTheRight ? columns.length - 1 - index : index;
    const free = height - (column.length * (box.height + box.gapY) - box.gapY);
    column.forEach((id, row) => {
      places.set(id, { id, column: index, row, x: at * (box.width + box.gapX), y: free / 2 + row * (box.height + box.gapY) });
    });
  });
  return { places, columns, height, width: Math.max(1, columns.length) * (box.width + box.gapX) - box.gapX };
}

function neighbours(links: Graph["links"]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (from: string, to: string) => found.set(from, [...(found.get(from) ?? []), to]);
  for (const { sourceId, targetId } of links) {
    add(sourceId, targetId);
    add(targetId, sourceId);
  }
  return found;
}

function ordered(nodes: Graph["nodes"], near: ReadonlyMap<string, readonly string[]>): string[][] {
  const columns: string[][] = [];
  const rows = new Map<string, number>();
  for (const { productId, depth } of nodes) (columns[depth] ??= []).push(productId);
  for (const column of columns) {
    const middles = new Map(column.map((id, position) => [id, middle(id, near, rows) ?? position]));
    column.sort((one, other) => (middles.get(one) ?? 0) - (middles.get(other) ?? 0));
    column.forEach((id, row) => rows.set(id, row));
  }
  return columns;
}

function middle(id: string, near: ReadonlyMap<string, readonly string[]>, rows: ReadonlyMap<string, number>): number | undefined {
  const before = (near.get(id) ?? []).map((other) => rows.get(other)).filter((row) => row !== undefined);
  return before.length === 0 ? undefined : before.reduce((sum, row) => sum + row, 0) / before.length;
}

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** Where an arrow key leads: to the next box up or down, or to the nearest one of the column beside. */
export function stepFrom({ places, columns }: Layout, id: string, arrow: Arrow): string {
  const here = places.get(id);
  if (here === undefined) return columns[0]?.[0] ?? id;
  if (arrow === "ArrowUp" || arrow === "ArrowDown") return columns[here.column]?.[here.row + (arrow === "ArrowUp" ? -1 : 1)] ?? id;
  const wanted = arrow === "ArrowLeft" ? here.x - box.width - box.gapX : here.x + box.width + box.gapX;
  const beside = [...places.values()].filter(({ x }) => x === wanted);
  const nearest = beside.toSorted((one, other) => Math.abs(one.y - here.y) - Math.abs(other.y - here.y))[0];
  return nearest?.id ?? id;
}
