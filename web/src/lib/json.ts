/** A number written exactly as its author wrote it: `25000`, `3.10`, `1e3`. */
export class Lexeme {
  readonly text: string;

  constructor(text: string) {
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) throw new TypeError(`${text} is not a JSON number`);
    this.text = text;
  }
}

export type Json = string | boolean | null | Lexeme | readonly Json[] | { readonly [name: string]: Json | undefined };

/** JSON text that keeps each number's digits; what is signed must be what was typed (event document, "lexical forms"). */
export function writeJson(value: Json): string {
  if (value instanceof Lexeme) return value.text;
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(writeJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value as Record<string, Json | undefined>)
    .filter((member): member is [string, Json] => member[1] !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`);
  return `{${members.join(",")}}`;
}
