import { useMemo, useState } from "react";
import { plural } from "@/lib/format";
import { useTrace, type Way } from "@/queries/trace";
import { Button, Card, ErrorNotice, Loading, Notice } from "@/ui";
import { Details } from "./Details";
import { Drawing } from "./Drawing";
import { joined } from "./model";
import { TraceList } from "./TraceList";

/** A trace as drawing, details and list; the same for tracing and for a recall. */
export function TraceView({ way, uri, asOf }: { way: Way; uri: string; asOf: number | null }) {
  const found = useTrace(way, uri, asOf);
  const pages = found.data?.pages;
  const graph = useMemo(() => joined(pages ?? []), [pages]);
  const [chosen, setChosen] = useState("");
  const selected = graph.nodes.some(({ productId }) => productId === chosen) ? chosen : graph.start;
  const total = pages?.[0]?.totalNodes ?? 0;
  if (found.isPending) return <Loading what="Tracing…" />;
  if (found.isError) return <ErrorNotice error={found.error} />;
  return (
    <div className="space-y-6">
      {pages?.[0]?.truncated === true && <Notice tone="warn" title="The trace goes further than it is shown here.">Trace on from a product at its edge.</Notice>}
      <Card title={plural(total, "product")}>
        <Drawing graph={graph} startOnTheRight={way === "back"} selected={selected} onSelect={setChosen} />
        {found.hasNextPage && (
          <Button kind="quiet" className="mt-4" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show more ({graph.nodes.length} of {total})
          </Button>
        )}
      </Card>
      <Details graph={graph} id={selected} />
      <TraceList graph={graph} onSelect={setChosen} />
    </div>
  );
}
