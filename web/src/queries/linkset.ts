import { useQuery } from "@tanstack/react-query";
import { call } from "@/lib/http";

/** A link target object (RFC 9264, 4.2.3). */
export interface LinkTarget {
  href: string;
  title?: string;
  type?: string;
  hreflang?: string[];
  context?: string[];
}

/** A link context object: its anchor, and targets by relation. */
export type LinkContext = { anchor: string } & Record<string, LinkTarget[] | string>;

export interface Linkset {
  linkset: LinkContext[];
}

/** All links this resolver knows of a product, its lot and its class, by Digital Link path (`/01/…`). */
export function useLinkset(path: string) {
  return useQuery({
    queryKey: ["linkset", path],
    queryFn: () => call<Linkset>(`${path}?linkType=linkset`, {}, { Accept: "application/linkset+json" }),
  });
}
