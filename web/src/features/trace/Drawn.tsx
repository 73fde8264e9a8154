import { shortHex } from "@/lib/format";
import { box, type Placed } from "./layout";
import type { TraceLink, TraceNode } from "./model";

/** A line from source to target; dashed while it was only inside. */
export function DrawnLink({ link, places }: { link: TraceLink; places: ReadonlyMap<string, Placed> }) {
  const [from, to] = [places.get(link.sourceId), places.get(link.targetId)];
  if (from === undefined || to === undefined) return null;
  const forward = from.x <= to.x;
  const start = { x: from.x + (forward ? box.width : 0), y: from.y + box.height / 2 };
  const end = { x: to.x + (forward ? 0 : box.width), y: to.y + box.height / 2 };
  const bend = (start.x + end.x) / 2;
  const dashes = link.relation === "TRANSFORMED" ? undefined : "6 5";
  return (
    <path
      d={`M${start.x} ${start.y}C${bend} ${start.y} ${bend} ${end.y} ${end.x} ${end.y}`}
      className="stroke-edge"
      fill="none"
      strokeWidth={1.6}
      strokeDasharray={dashes}
      markerEnd="url(#trace-tip)"
    />
  );
}

interface DrawnNodeProps {
  node: TraceNode;
  name: string;
  place: Placed | undefined;
  isStart: boolean;
  isSelected: boolean;
  isFocused: boolean;
  onFocus: () => void;
  onChoose: () => void;
}

export function DrawnNode({ node, name, place, isStart, isSelected, isFocused, onFocus, onChoose }: DrawnNodeProps) {
  if (place === undefined) return null;
  const recalled = (node.product?.recallLevel ?? 0) > 0;
  const holder = node.holder?.name ?? (node.holder === null ? "holder unknown" : shortHex(node.holder.address));
  const [kind, code] = shortened(name);
  const marks = [kind, node.part === "CARRIER" ? "carried it" : "", recalled ? "recalled" : ""].filter((mark) => mark !== "");
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree around it takes the keys
    <g
      role="treeitem"
      aria-level={node.depth + 1}
      aria-selected={isSelected}
      tabIndex={isFocused ? 0 : -1}
      data-id={node.productId}
      transform={`translate(${place.x} ${place.y})`}
      className="cursor-pointer"
      onFocus={onFocus}
      onClick={onChoose}
    >
      <rect
        width={box.width}
        height={box.height}
        rx={9}
        strokeWidth={isSelected || isStart ? 3 : 1.4}
        strokeDasharray={node.part === "CARRIER" ? "6 5" : undefined}
        className={recalled ? "fill-bad-soft stroke-bad" : isSelected || isStart ? "fill-surface stroke-accent" : "fill-surface stroke-edge"}
      />
      <text x={12} y={19} fontSize={11} className={recalled ? "fill-bad" : "fill-muted"}>{marks.join(" · ")}</text>
      <text x={12} y={35} fontSize={13} fontWeight={600} className="fill-ink">{clipped(code, 26)}</text>
      <text x={12} y={51} fontSize={11} className="fill-muted">{clipped(holder, 32)}</text>
    </g>
  );
}

/** `GTIN 1086…, lot ABC` as a small line and a large one. */
function shortened(name: string): [string, string] {
  const at = name.lastIndexOf(", ");
  return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 2)];
}

function clipped(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
