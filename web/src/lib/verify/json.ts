import { Malformed } from "./malformed.ts";

/** A JSON number as it was written; `25000` and `25000.0` are two. */
export class Num {
  readonly lexeme: string;

  constructor(lexeme: string) {
    this.lexeme = lexeme;
  }
}

/** A Map, so that a member named __proto__ is a member like any other. */
export type JsonObject = Map<string, Json>;
export type Json = null | boolean | string | Num | Json[] | JsonObject;

export const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const WORDS: [string, Json][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/** JSON without loss: numbers stay text, a name that stands twice is refused. */
export function parse(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** RFC 8785 text, except that a number keeps its own lexeme. */
export function canonical(value: Json): string {
  if (value instanceof Num) return value.lexeme;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!(value instanceof Map)) return JSON.stringify(value);
  const names = [...value.keys()].toSorted(byCodeUnit);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value.get(name) ?? null)}`).join(",")}}`;
}

/** A member name as a JSON pointer segment (RFC 6901). */
export function segment(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : 1;
}

class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): Json {
    this.match(SPACE);
    const first = this.text[this.at];
    if (first === "{" || first === "[") {
      if (depth === MAX_DEPTH) throw new Malformed(`nested deeper than ${MAX_DEPTH} levels`);
      return first === "{" ? this.object(depth + 1) : this.list(depth + 1);
    }
    if (first === '"') return this.string();
    for (const [name, value] of WORDS) {
      if (this.text.startsWith(name, this.at)) {
        this.at += name.length;
        return value;
      }
    }
    const lexeme = this.match(NUMBER);
    if (lexeme === "") throw this.broken();
    return new Num(lexeme);
  }

  end(): void {
    this.match(SPACE);
    if (this.at !== this.text.length) throw this.broken();
  }

  private object(depth: number): JsonObject {
    const members: JsonObject = new Map();
    this.items("}", () => {
      this.match(SPACE);
      if (this.text[this.at] !== '"') throw this.broken();
      const name = this.string();
      if (members.has(name)) throw new Malformed(`the name ${JSON.stringify(name)} stands twice in one object`);
      if (!this.eat(":")) throw this.broken();
      members.set(name, this.value(depth));
    });
    return members;
  }

  private list(depth: number): Json[] {
    const items: Json[] = [];
    this.items("]", () => items.push(this.value(depth)));
    return items;
  }

  private items(close: string, read: () => void): void {
    this.at += 1;
    if (this.eat(close)) return;
    do read();
    while (this.eat(","));
    if (!this.eat(close)) throw this.broken();
  }

  private string(): string {
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === "\\" ? 2 : 1;
    const value = this.unescape(this.text.slice(this.at, end + 1));
    if (LONE_SURROGATE.test(value)) throw new Malformed("a string holds half of a surrogate pair");
    this.at = end + 1;
    return value;
  }

  private unescape(lexeme: string): string {
    try {
      return String(JSON.parse(lexeme));
    } catch {
      throw this.broken();
    }
  }

  private eat(character: string): boolean {
    this.match(SPACE);
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  private broken(): Malformed {
    return new Malformed(`not JSON at character ${this.at}`);
  }
}
