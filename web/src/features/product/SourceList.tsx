import { Link } from "wouter";
import type { ProductData } from "@/generated/graphql";
import { describeLink, passportPath } from "@/lib/format";
import { Card } from "@/ui";

type Trace = NonNullable<ProductData["product"]>["trace"];

const relations = { INGREDIENT: "made from", CONTAINER: "travelled in" } as const;

export function SourceList({ steps, truncated }: Trace) {
  if (steps.length === 0) return null;
  return (
    <Card title="Where it came from">
      <ul className="space-y-2">
        {steps.map((step) => (
          <li key={`${step.depth} ${step.relation} ${step.sourceUri}`}>
            {relations[step.relation]}{" "}
            <Link href={`/product${passportPath(step.sourceUri)}`} className="text-accent underline underline-offset-4">
              {describeLink(step.sourceUri)}
            </Link>
            {step.quantity !== null && ` (${step.quantity} ${step.uom ?? ""})`}
            {!step.confirmed && <span className="text-sm text-muted">, not confirmed by its own history</span>}
          </li>
        ))}
      </ul>
      {truncated && <p className="mt-2 text-sm text-muted">The way goes further back than shown here.</p>}
    </Card>
  );
}
