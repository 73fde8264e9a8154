import type { Linkset, LinkTarget } from "@/queries/linkset";

/** A link with its type in the short form people write: `gs1:pip`. */
export interface TypedLink {
  linkType: string;
  target: LinkTarget;
}

/** All links of an item, a lot or a class. */
export interface Level {
  anchor: string;
  links: TypedLink[];
}

const vocabulary = "https://ref.gs1.org/voc/";

const short = (relation: string) => relation.replace(vocabulary, "gs1:");

/** The levels of a linkset, nearest first, as the resolver lists them. */
export function levelsOf({ linkset }: Linkset): Level[] {
  return linkset.map(({ anchor, ...relations }) => ({
    anchor,
    links: Object.entries(relations).flatMap(([relation, targets]) =>
      Array.isArray(targets) ? targets.map((target) => ({ linkType: short(relation), target })) : [],
    ),
  }));
}
