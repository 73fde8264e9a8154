import { describeLink, passportPath } from "@/lib/format";
import { Card, Hash } from "@/ui";
import type { Graph } from "./model";

interface TraceListProps {
  graph: Graph;
  onSelect: (id: string) => void;
}

/** The same as the drawing, for whoever reads rather than looks. */
export function TraceList({ graph, onSelect }: TraceListProps) {
  return (
    <Card title="As a list">
      <div className="overflow-x-auto">
        <table className="w-full text-left text-sm">
          <thead className="text-muted">
            <tr>
              {["Steps", "Product", "How", "Held by", "Passport"].map((title) => (
                <th key={title} scope="col" className="py-2 pr-4 font-medium">{title}</th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {graph.nodes.map((node) => (
              <tr key={node.productId}>
                <td className="py-2 pr-4">{node.depth}</td>
                <td className="py-2 pr-4">
                  <button type="button" className="text-left text-accent underline underline-offset-4" onClick={() => onSelect(node.productId)}>
                    {node.uri === null ? <Hash value={node.productId} /> : describeLink(node.uri)}
                  </button>
                  {(node.product?.recallLevel ?? 0) > 0 && <strong className="ml-2 text-bad">recalled</strong>}
                </td>
                <td className="py-2 pr-4">{node.part === "MATTER" ? "matter" : "carried it"}</td>
                <td className="py-2 pr-4">{node.holder === null ? "unknown" : (node.holder.name ?? <Hash value={node.holder.address} />)}</td>
                <td className="py-2 pr-4">
                  {node.uri !== null && node.product !== null && <a className="text-accent underline underline-offset-4" href={passportPath(node.uri)}>Open</a>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
