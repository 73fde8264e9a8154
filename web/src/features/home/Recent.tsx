import { describeLink, passportPath } from "@/lib/format";
import { useRecent } from "@/queries/product";

/** What was recorded last, as real passports to open; nothing at all when the server has no answer. */
export function Recent() {
  const { data } = useRecent(3);
  const uris = (data?.products.edges ?? []).map(({ node }) => node.uri).filter((uri) => uri !== null);
  if (uris.length === 0) return null;
  return (
    <div className="mt-2">
      <h3 className="text-sm text-muted">Recorded lately</h3>
      <ul className="mt-1 space-y-1">
        {uris.map((uri) => (
          <li key={uri}>
            <a href={passportPath(uri)} className="inline-flex min-h-8 items-center break-all text-accent underline underline-offset-4">
              {describeLink(uri)}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
