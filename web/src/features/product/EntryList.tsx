import type { ProductData } from "@/generated/graphql";
import { formatMillis } from "@/lib/format";
import { Hash } from "@/ui";

type Entry = NonNullable<ProductData["product"]>["events"]["edges"][number]["node"];

export function EntryList({ entries }: { entries: readonly Entry[] }) {
  return (
    <ol className="space-y-4 border-l-2 border-line pl-5">
      {entries.map((entry) => (
        <li key={entry.seq} className="relative">
          <span aria-hidden="true" className="absolute top-2 -left-[26px] size-2.5 rounded-full bg-accent" />
          <p className="font-medium first-letter:uppercase">{entry.words}</p>
          <p className="text-sm text-muted">
            {formatMillis(entry.occurredAt)} by {entry.actor.name ?? <Hash value={entry.actor.address} />}
            {entry.counterparty !== null && <> to {entry.counterparty.name ?? <Hash value={entry.counterparty.address} />}</>}
          </p>
          <p className="text-sm text-muted">
            entry {entry.seq}, block {entry.blockNumber}, {entry.state === "FINAL" ? "final" : "not final yet"}, document <Hash value={entry.dataHash} />
          </p>
        </li>
      ))}
    </ol>
  );
}
