import { Link } from "wouter";
import { describeLink, passportPath, plural } from "@/lib/format";
import { useHoldings, useIdentity } from "@/queries/actor";
import { Button, Card, ErrorNotice, type Fact, Facts, Hash, Loading } from "@/ui";
import type { Session } from "./session";

export function WhoAmI({ session, onLeave }: { session: Session; onLeave: () => void }) {
  const identity = useIdentity(session.account);
  return (
    <Card
      title="You"
      aside={
        <Button kind="quiet" onClick={onLeave}>
          Use another wallet
        </Button>
      }
    >
      {identity.isPending && <Loading what="Looking up who you are…" />}
      {identity.isError && <ErrorNotice error={identity.error} />}
      {identity.isSuccess && <Facts facts={facts(session, identity.data)} />}
      <Holdings session={session} />
    </Card>
  );
}

type Identity = NonNullable<ReturnType<typeof useIdentity>["data"]>;

function facts({ wallet, account }: Session, { name, role, identifier, active }: Identity): Fact[] {
  const registered = name !== null;
  return [
    { name: "Wallet", value: wallet.info.name },
    { name: "Address", value: <Hash value={account} /> },
    { name: "Registered as", value: registered ? `${name}${role === null ? "" : `, ${role.toLowerCase()}`}` : "nobody yet; you can still record, readers will see your address" },
    ...(identifier === null ? [] : [{ name: "Identifier", value: describeLink(identifier) }]),
    ...(registered && !active ? [{ name: "Standing", value: "revoked by the registrar" }] : []),
  ];
}

function Holdings({ session }: { session: Session }) {
  const holdings = useHoldings(session.account);
  if (holdings.isPending) return <Loading what="Looking up what you hold…" />;
  if (holdings.isError) return <ErrorNotice error={holdings.error} />;
  const { edges, pageInfo } = holdings.data;
  return (
    <div className="mt-4">
      <h3 className="text-sm text-muted">What you hold</h3>
      {edges.length === 0 && <p className="mt-1">Nothing yet. Recording a new lot makes you its holder.</p>}
      <ul className="mt-1 space-y-1">
        {edges.map(({ node }) => (
          <li key={node.productId}>
            {node.uri === null ? <Hash value={node.productId} /> : <HeldProduct uri={node.uri} />}{" "}
            <span className="text-sm text-muted">
              {plural(node.seq, "entry", "entries")}
              {node.recallLevel > 0 && ", recalled"}
            </span>
          </li>
        ))}
      </ul>
      {pageInfo.hasNextPage && <p className="text-sm text-muted">and more</p>}
    </div>
  );
}

function HeldProduct({ uri }: { uri: string }) {
  return (
    <Link href={`/product${passportPath(uri)}`} className="text-accent underline underline-offset-4">
      {describeLink(uri)}
    </Link>
  );
}
