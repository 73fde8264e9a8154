/** `0x1234…abcd`; anything short stays whole. */
export function shortHex(value: string): string {
  return value.length > 14 ? `${value.slice(0, 8)}…${value.slice(-6)}` : value;
}

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** A Unix time in milliseconds as a local date and time; empty when it is not a time. */
export function formatMillis(ms: number): string {
  return Number.isFinite(ms) ? moment.format(ms) : "";
}

const identifierNames: Record<string, string> = { "00": "SSCC", "01": "GTIN", "10": "lot", "21": "serial", "414": "location", "417": "party", "8004": "asset" };

/** A GS1 Digital Link said in words: `GTIN 10860009998039, lot SALAD-20260420-A`. */
export function describeLink(uri: string): string {
  const path = uri.replace(/^https?:\/\/[^/]+\//, "").split("/");
  const parts: string[] = [];
  for (let at = 0; at + 1 < path.length; at += 2) {
    const name = identifierNames[path[at] ?? ""];
    if (name === undefined) return uri;
    parts.push(`${name} ${decodeURIComponent(path[at + 1] ?? "")}`);
  }
  return parts.length > 0 ? parts.join(", ") : uri;
}

/** The path a product's passport has on this server: its Digital Link without the host. */
export function passportPath(uri: string): string {
  return uri.replace(/^https?:\/\/[^/]+/, "");
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
