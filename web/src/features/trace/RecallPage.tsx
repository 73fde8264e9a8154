import { useParams } from "wouter";
import { describeLink } from "@/lib/format";
import { PageTitle } from "@/ui";
import { TraceView } from "./TraceView";

const stem = "https://id.gs1.org/";

/** Everything a contaminated product reached: whole, or an error that says why not. */
export function RecallPage() {
  const uri = stem + (useParams()["*"] ?? "");
  const query = new URLSearchParams({ product: uri });
  const look = "inline-flex min-h-11 items-center rounded-control border border-edge px-4 hover:bg-sunken";
  return (
    <div className="space-y-6">
      <PageTitle
        title={`If ${describeLink(uri)} is contaminated`}
        lead="All it went into or travelled in, who holds it now, and its passport. Nothing is left out: what is too large is refused."
      />
      <p className="flex flex-wrap gap-3">
        <a className={look} href={`/recall.csv?${query.toString()}`} download>Download as a table</a>
      </p>
      <TraceView way="recall" uri={uri} asOf={null} />
    </div>
  );
}
