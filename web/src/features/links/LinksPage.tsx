import { useParams } from "wouter";
import { describeLink } from "@/lib/format";
import { useLinkset } from "@/queries/linkset";
import { Card, ErrorNotice, Loading, PageTitle } from "@/ui";
import { LevelCard } from "./LevelCard";
import { levelsOf } from "./levels";

/** What the resolver knows of a Digital Link: every link it can follow, and the symbols to print. */
export function LinksPage() {
  const path = `/${useParams()["*"] ?? ""}`;
  const found = useLinkset(path);
  return (
    <div className="space-y-6">
      <PageTitle
        title={`Where ${describeLink(path.slice(1))} leads`}
        lead="Whoever scans the code asks for one type of link; what an item lacks, its lot or its class answers. The nearest level comes first."
      />
      {found.isPending && <Loading what="Asking the resolver…" />}
      {found.isError && <ErrorNotice error={found.error} />}
      {found.isSuccess && (
        <>
          {levelsOf(found.data).map((level) => <LevelCard key={level.anchor} level={level} />)}
          <Symbols path={path} />
          <p>
            <a className="text-accent underline underline-offset-4" href={`${path}?linkType=linkset`}>The same as data (RFC 9264)</a>
          </p>
        </>
      )}
    </div>
  );
}

function Symbols({ path }: { path: string }) {
  const drawn = [
    { name: "QR code", means: "the passport’s address", file: `${path}/qr.svg` },
    { name: "GS1 DataMatrix", means: "the element string", file: `${path}/datamatrix.svg` },
  ];
  return (
    <Card title="To print on it">
      <ul className="flex flex-wrap gap-8">
        {drawn.map(({ name, means, file }) => (
          <li key={file}>
            <img src={file} alt={`${name} of ${means}`} width={140} height={140} className="rounded-control bg-white p-2" />
            <p className="mt-2 text-sm">{name}: {means}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
