import { Link } from "wouter";
import { describeLink, formatMillis, passportPath } from "@/lib/format";
import { Card, Hash } from "@/ui";
import { amountWords, balanceWords, doubtWords, type Graph, relationWords, type TraceLink } from "./model";

/** What the graph says of the chosen product, link by link. */
export function Details({ graph, id }: { graph: Graph; id: string }) {
  const names = new Map<string, string | null>(graph.nodes.map((node) => [node.productId, node.uri]));
  const uri = names.get(id) ?? null;
  const links = graph.links.filter(({ sourceId, targetId }) => sourceId === id || targetId === id);
  return (
    <Card title={uri === null ? <Hash value={id} /> : describeLink(uri)} aside={uri !== null && <Ways uri={uri} />}>
      <ul className="space-y-3" data-testid="links">
        {links.map((link) => (
          <li key={`${link.sourceId} ${link.targetId} ${link.dataHash} ${link.since}`}>
            <LinkWords link={link} names={names} graph={graph} />
          </li>
        ))}
      </ul>
      {links.length === 0 && <p className="text-muted">No recorded document links it to anything else in this trace.</p>}
    </Card>
  );
}

function Ways({ uri }: { uri: string }) {
  const path = passportPath(uri);
  const look = "text-accent underline underline-offset-4";
  return (
    <span className="flex flex-wrap gap-4 text-sm">
      <a className={look} href={path}>Passport</a>
      <Link className={look} href={`/trace${path}?way=back`}>Trace back</Link>
      <Link className={look} href={`/trace${path}?way=forward`}>Trace forward</Link>
      <Link className={look} href={`/recall${path}`}>Recall scope</Link>
    </span>
  );
}

interface LinkWordsProps {
  link: TraceLink;
  names: ReadonlyMap<string, string | null>;
  graph: Graph;
}

function LinkWords({ link, names, graph }: LinkWordsProps) {
  const name = (id: string) => (names.get(id) ? describeLink(names.get(id) ?? "") : id);
  const balance = link.relation === "TRANSFORMED" ? graph.balances.get(link.dataHash) : undefined;
  const doubt = doubtWords(link);
  return (
    <>
      <p>
        {name(link.sourceId)}
        {link.used.length > 0 && ` (${amountWords(link.used)})`} {relationWords(link)} {name(link.targetId)}
        {link.made.length > 0 && ` (${amountWords(link.made)})`}
      </p>
      <p className="text-sm text-muted">
        {formatMillis(link.since)}
        {link.until !== null && ` until ${formatMillis(link.until)}`}, document <Hash value={link.dataHash} />
        {doubt !== "" && `; ${doubt}`}
        {balance !== undefined && `; ${balanceWords(balance)}`}
      </p>
    </>
  );
}
