import { describeLink } from "@/lib/format";
import { Card } from "@/ui";
import type { Level, TypedLink } from "./levels";

/** One level's links: where each leads, and for whom. */
export function LevelCard({ level: { anchor, links } }: { level: Level }) {
  return (
    <Card title={describeLink(anchor)} aside={<code className="min-w-0 text-xs break-all text-muted">{anchor}</code>}>
      <div className="overflow-x-auto">
        <table className="w-full text-left text-sm">
          <thead className="text-muted">
            <tr>
              {["Link type", "Leads to", "Language", "Form"].map((name) => (
                <th key={name} scope="col" className="py-2 pr-4 font-medium">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {links.map((link) => <LinkRow key={`${link.linkType} ${link.target.href} ${link.target.hreflang?.join() ?? ""}`} link={link} />)}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function LinkRow({ link: { linkType, target } }: { link: TypedLink }) {
  return (
    <tr>
      <th scope="row" className="py-2 pr-4 font-mono font-normal">{linkType}</th>
      <td className="py-2 pr-4">
        <a href={target.href} className="text-accent underline underline-offset-4">{target.title ?? target.href}</a>
      </td>
      <td className="py-2 pr-4">{[...(target.hreflang ?? []), ...(target.context ?? [])].join(", ")}</td>
      <td className="py-2 pr-4 font-mono text-xs">{target.type}</td>
    </tr>
  );
}
