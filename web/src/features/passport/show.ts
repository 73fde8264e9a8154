import type { CheckOptions } from "@/lib/check";
import type { Explained } from "@/lib/errors";
import { type Checked, type Finding, headline, whatWasChecked } from "@/lib/verdict";

type Look = "checking" | "good" | "bad" | "unknown";

const marks: Record<Look, string> = { checking: "…", good: "✓", bad: "✗", unknown: "?" };
const looks = { ok: "good", bad: "bad", unchecked: "unknown" } as const;

function element(name: string, className: string, text = "", children: readonly Node[] = []): HTMLElement {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.append(text, ...children);
  return made;
}

/** Replaces the section's inside; text only ever enters as text, so a hostile bundle stays inert. */
function show(section: HTMLElement, look: Look, title: string, rest: readonly Node[]): void {
  const mark = element("span", "check-mark", marks[look]);
  mark.setAttribute("aria-hidden", "true");
  section.dataset["state"] = look;
  section.classList.remove(...Object.keys(marks).map((name) => `check--${name}`));
  section.classList.add("check", `check--${look}`);
  section.replaceChildren(element("h2", "check-title", "", [mark, element("span", "", ` ${title}`)]), ...rest);
}

const paragraph = (text: string, className = "check-text") => element("p", className, text);

function list(findings: readonly Finding[]): HTMLElement {
  return element(
    "ul",
    "check-findings",
    "",
    findings.map(({ name, message }) => element("li", "", `${message} `, [element("code", "", name)])),
  );
}

function details(title: string, findings: readonly Finding[]): HTMLElement {
  return element("details", "check-details", "", [element("summary", "", title), list(findings)]);
}

export function showChecking(section: HTMLElement): void {
  show(section, "checking", "Checking on this device…", []);
}

export function showFailure(section: HTMLElement, { message, hint, code }: Explained): void {
  show(section, "unknown", "Could not check", [paragraph(`${message} ${hint}`), paragraph(code, "check-code")]);
}

/** What the verdict rests on, so that a reader can doubt it and check elsewhere. */
function basis({ rpcUrl, trusted }: CheckOptions): string {
  const node = `Computed in your browser against ${rpcUrl ?? "no chain endpoint"}.`;
  return trusted === undefined ? node : `${node} Contract ${trusted.contracts.supplyChain}, as this site names it.`;
}

export function showVerdict(section: HTMLElement, checked: Checked, against: CheckOptions): void {
  const { verdict, summary } = checked;
  const of = (...wanted: readonly Finding["status"][]) => verdict.findings.filter(({ status }) => wanted.includes(status));
  const wrong = of("bad", "unchecked");
  const fine = of("ok", "note");
  const rest: Node[] = [];
  if (verdict.status === "ok" && summary !== undefined) rest.push(paragraph(whatWasChecked(summary)));
  if (verdict.status === "bad") rest.push(paragraph("What this page shows is not what was recorded. Do not rely on it."));
  if (verdict.status === "unchecked") rest.push(paragraph("Nothing wrong was found, but not everything could be checked:"));
  if (wrong.length > 0) rest.push(list(wrong));
  if (fine.length > 0) rest.push(details(`${fine.length} checks passed`, fine));
  rest.push(paragraph(basis(against), "check-note"));
  show(section, looks[verdict.status], headline(checked), rest);
}
