import { Link, useParams } from "wouter";
import { describeLink, passportPath, plural } from "@/lib/format";
import { useProduct } from "@/queries/product";
import { Button, Card, ErrorNotice, type Fact, Facts, Hash, Loading, Notice, PageTitle } from "@/ui";
import { EntryList } from "./EntryList";
import { SourceList } from "./SourceList";

const stem = "https://id.gs1.org/";

/** A product's history with its numbers: for whoever wants more than the passport says. */
export function ProductPage() {
  const path = useParams()["*"] ?? "";
  const uri = stem + path;
  const found = useProduct(uri);
  const product = found.data?.pages[0]?.product;
  return (
    <div className="space-y-6">
      <PageTitle title={describeLink(uri)} lead="Its recorded history, entry by entry." />
      {found.isPending && <Loading what="Reading the history…" />}
      {found.isError && <ErrorNotice error={found.error} />}
      {found.isSuccess && (product === null || product === undefined) && (
        <Notice title="Nothing is recorded about this product.">Check the link, or wait a moment if it was recorded just now.</Notice>
      )}
      {product !== null && product !== undefined && (
        <>
          {product.recallLevel > 0 && <Notice tone="bad" title={`Recalled, class ${"I".repeat(product.recallLevel)}`} />}
          <Card title="In short" aside={<Ways path={passportPath(uri)} />}>
            <Facts facts={facts(product)} />
          </Card>
          <Card title={plural(product.seq, "entry", "entries")}>
            <EntryList entries={found.data?.pages.flatMap((page) => page.product?.events.edges ?? []).map(({ node }) => node) ?? []} />
            {found.hasNextPage && (
              <Button kind="quiet" className="mt-4" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                Show more
              </Button>
            )}
          </Card>
          <SourceList steps={product.trace.steps} truncated={product.trace.truncated} />
        </>
      )}
    </div>
  );
}

function Ways({ path }: { path: string }) {
  const look = "text-accent underline underline-offset-4";
  return (
    <span className="flex flex-wrap gap-4">
      <a className={look} href={path}>Passport</a>
      <Link className={look} href={`/trace${path}`}>Trace</Link>
      <Link className={look} href={`/recall${path}`}>Recall scope</Link>
      <Link className={look} href={`/links${path}`}>Links</Link>
    </span>
  );
}

type Product = NonNullable<NonNullable<ReturnType<typeof useProduct>["data"]>["pages"][number]["product"]>;

function facts(product: Product): Fact[] {
  return [
    { name: "Held by", value: product.custodian.name ?? <Hash value={product.custodian.address} /> },
    { name: "State", value: product.state === "FINAL" ? "final" : "recorded, not final yet" },
    { name: "Commitment on chain", value: <Hash value={product.head} /> },
    { name: "Proof bundle", value: <a className="text-accent underline underline-offset-4" href={`/proof${passportPath(product.uri ?? "")}`}>Download</a> },
  ];
}
