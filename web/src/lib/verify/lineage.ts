import type { Json, JsonObject } from "./json.ts";

export type Part = "object" | "parent" | "child" | "input" | "output";
export type Relation = "input" | "container" | "content";

/** `other` is an input, the container or a content of the product at hand. */
export interface Link {
  relation: Relation;
  other: string;
}

const MEMBERS: readonly (readonly [string, Part])[] = [
  ["epcList", "object"],
  ["quantityList", "object"],
  ["parentID", "parent"],
  ["childEPCs", "child"],
  ["childQuantityList", "child"],
  ["inputEPCList", "input"],
  ["inputQuantityList", "input"],
  ["outputEPCList", "output"],
  ["outputQuantityList", "output"],
];

const LINKS: readonly (readonly [Part, Part, Relation])[] = [
  ["output", "input", "input"],
  ["child", "parent", "container"],
  ["parent", "child", "content"],
];

/** Every product identifier in an event with its part. */
export function parts(event: JsonObject): [Part, string][] {
  return MEMBERS.flatMap(([member, part]) =>
    identifiers(event.get(member)).map((uri): [Part, string] => [part, uri]),
  );
}

/** What an event links the product at `uri` to; only canonical URIs count. */
export function links(event: JsonObject, uri: string): Link[] {
  const mentioned = parts(event);
  const own = new Set(mentioned.filter(([, other]) => other === uri).map(([part]) => part));
  return LINKS.filter(([mine]) => own.has(mine)).flatMap(([, theirs, relation]) =>
    mentioned
      .filter(([part, other]) => part === theirs && other !== uri)
      .map(([, other]) => ({ relation, other })),
  );
}

/** What is inside matters for the subject only, else every pallet would pull in all its boxes. */
export function required(link: Link, ofSubject: boolean): boolean {
  return ofSubject || link.relation !== "content";
}

function identifiers(value: Json | undefined): string[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => identifiers(item instanceof Map ? item.get("epcClass") : item));
}
