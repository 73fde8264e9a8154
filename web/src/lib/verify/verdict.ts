/** `unchecked` could not be checked and is never shown as good; `note` does not change the outcome. */
export type Status = "ok" | "bad" | "unchecked" | "note";

/** One check: its stable name, how it ended, where in the bundle, and a sentence. */
export interface Finding {
  name: string;
  status: Status;
  pointer: string;
  message: string;
}

export interface Verdict {
  status: Exclude<Status, "note">;
  findings: Finding[];
}

type Add = (name: string, pointer: string, message: string) => void;

/** A list of findings under construction. */
export class Findings {
  readonly list: Finding[] = [];
  readonly ok: Add = (...finding) => this.add("ok", ...finding);
  readonly bad: Add = (...finding) => this.add("bad", ...finding);
  readonly unchecked: Add = (...finding) => this.add("unchecked", ...finding);
  readonly note: Add = (...finding) => this.add("note", ...finding);

  verdict(): Verdict {
    const has = (status: Status): boolean => this.list.some((finding) => finding.status === status);
    return { status: has("bad") ? "bad" : has("unchecked") ? "unchecked" : "ok", findings: this.list };
  }

  private add(status: Status, name: string, pointer: string, message: string): void {
    this.list.push({ name, status, pointer, message });
  }
}
