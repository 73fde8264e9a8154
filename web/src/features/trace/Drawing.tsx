import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import { describeLink } from "@/lib/format";
import { Button } from "@/ui";
import { DrawnLink, DrawnNode } from "./Drawn";
import { type Arrow, type Layout, layout, stepFrom } from "./layout";
import type { Graph } from "./model";
import { fitted, moved, type View, viewBox, zoomed } from "./view";

const size = { width: 840, height: 440 };
const arrows = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

interface DrawingProps {
  graph: Graph;
  startOnTheRight: boolean;
  selected: string;
  onSelect: (id: string) => void;
}

/** A trace as boxes and lines: drag to move, buttons or +, − and 0 to zoom, arrow keys to walk, Enter to choose. */
export function Drawing({ graph, startOnTheRight, selected, onSelect }: DrawingProps) {
  const drawn = useMemo(() => layout(graph, startOnTheRight), [graph, startOnTheRight]);
  const [own, setOwn] = useState<{ of: Layout; view: View } | null>(null);
  const view = own !== null && own.of === drawn ? own.view : fitted(drawn, size); // another drawing is shown whole again
  const setView = (change: (was: View) => View) => setOwn({ of: drawn, view: change(view) });
  const [focused, setFocused] = useState(selected);
  const held = useRef<{ x: number; y: number } | null>(null);
  const root = useRef<SVGSVGElement>(null);

  const walk = (id: string) => {
    setFocused(id);
    root.current?.querySelector<SVGGElement>(`[data-id="${CSS.escape(id)}"]`)?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (arrows.has(event.key)) walk(stepFrom(drawn, focused, event.key as Arrow));
    else if (event.key === "Home") walk(graph.start);
    else if (event.key === "Enter" || event.key === " ") onSelect(focused);
    else if (event.key === "+" || event.key === "=") setView((was) => zoomed(was, 1.25));
    else if (event.key === "-") setView((was) => zoomed(was, 0.8));
    else if (event.key === "0") setView(() => fitted(drawn, size));
    else return;
    event.preventDefault();
  };
  const drag = (event: PointerEvent<SVGSVGElement>) => {
    if (held.current === null) return;
    const scale = size.width / event.currentTarget.clientWidth;
    const [x, y] = [event.clientX - held.current.x, event.clientY - held.current.y];
    held.current = { x: event.clientX, y: event.clientY };
    setView((was) => moved(was, x * scale, y * scale));
  };

  return (
    <div>
      <div className="mb-3 flex flex-wrap gap-2">
        <Button kind="quiet" onClick={() => setView((was) => zoomed(was, 1.25))}>Zoom in</Button>
        <Button kind="quiet" onClick={() => setView((was) => zoomed(was, 0.8))}>Zoom out</Button>
        <Button kind="quiet" onClick={() => setView(() => fitted(drawn, size))}>Show all</Button>
      </div>
      <svg
        ref={root}
        role="tree"
        tabIndex={-1}
        aria-label="Trace graph; the list below says the same"
        viewBox={viewBox(view, size)}
        data-zoom={view.zoom.toFixed(2)}
        className="aspect-[84/44] w-full touch-none rounded-control border border-line bg-sunken"
        onKeyDown={keys}
        onPointerDown={(event) => (held.current = { x: event.clientX, y: event.clientY })}
        onPointerMove={drag}
        onPointerUp={() => (held.current = null)}
        onPointerLeave={() => (held.current = null)}
      >
        <defs aria-hidden="true">
          <marker id="trace-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 8 4 0 8z" className="fill-edge" />
          </marker>
        </defs>
        <g aria-hidden="true">
          {graph.links.map((link) => (
            <DrawnLink key={`${link.sourceId} ${link.targetId} ${link.dataHash} ${link.since}`} link={link} places={drawn.places} />
          ))}
        </g>
        {graph.nodes.map((node) => (
          <DrawnNode
            key={node.productId}
            node={node}
            name={node.uri === null ? node.productId : describeLink(node.uri)}
            place={drawn.places.get(node.productId)}
            isStart={node.productId === graph.start}
            isSelected={node.productId === selected}
            isFocused={node.productId === focused}
            onFocus={() => setFocused(node.productId)}
            onChoose={() => onSelect(node.productId)}
          />
        ))}
      </svg>
      <p className="mt-2 text-sm text-muted">Arrow keys walk, Enter chooses, + and − zoom, 0 shows all. Dashed: only travelled in it.</p>
    </div>
  );
}
