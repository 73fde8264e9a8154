import { useState } from "react";
import { Link, useParams, useSearchParams } from "wouter";
import { describeLink } from "@/lib/format";
import { PageTitle, TextField } from "@/ui";
import { TraceView } from "./TraceView";

const stem = "https://id.gs1.org/";
const look = (here: boolean) => `flex min-h-11 items-center rounded-control border px-4 ${here ? "border-accent font-semibold" : "border-edge"}`;

/** What a product came from, or went into, as of any day. */
export function TracePage() {
  const path = useParams()["*"] ?? "";
  const [search] = useSearchParams();
  const way = search.get("way") === "forward" ? "forward" : "back";
  const [day, setDay] = useState("");
  const asOf = day === "" ? null : Date.parse(`${day}T23:59:59.999Z`);
  return (
    <div className="space-y-6">
      <PageTitle title={describeLink(stem + path)} lead={way === "back" ? "What it came from, and what it travelled in." : "What it went into, and what it travels in."} />
      <nav aria-label="Direction" className="flex flex-wrap items-end gap-3">
        <Link href={`/trace/${path}?way=back`} className={look(way === "back")} aria-current={way === "back" ? "page" : undefined}>Back</Link>
        <Link href={`/trace/${path}?way=forward`} className={look(way === "forward")} aria-current={way === "forward" ? "page" : undefined}>Forward</Link>
        <div className="w-56">
          <TextField label="As of the end of (UTC)" type="date" value={day} onChange={(event) => setDay(event.target.value)} />
        </div>
      </nav>
      <TraceView way={way} uri={stem + path} asOf={Number.isFinite(asOf ?? Number.NaN) ? asOf : null} />
    </div>
  );
}
