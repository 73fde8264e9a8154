import type { Capture, CaptureState } from "@/queries/capture";

export interface Step {
  state: Exclude<CaptureState, "failed">;
  title: string;
  /** What it means to stand here now, and to have been here. */
  meaning: { now: string; done: string };
}

/** The only four words this house uses for how far an event has come; "on chain" starts at `recorded`. */
export const steps: readonly Step[] = [
  { state: "captured", title: "Captured", meaning: { now: "checked and kept, not fully signed", done: "checked and kept" } },
  { state: "signed", title: "Signed", meaning: { now: "on its way to the chain", done: "by everyone who has to" } },
  { state: "recorded", title: "Recorded", meaning: { now: "in a block; may still be reorganised away", done: "in a block" } },
  { state: "final", title: "Final", meaning: { now: "cannot be undone any more", done: "cannot be undone any more" } },
];

export type Progress = "done" | "now" | "ahead";

/** How each step stands. A failed event had been signed, and is in no block. */
export function progress(step: Step, { state }: Pick<Capture, "state">): Progress {
  const at = steps.findIndex((one) => one.state === (state === "failed" ? "signed" : state));
  const here = steps.indexOf(step);
  if (here > at) return "ahead";
  return here < at || state === "final" || state === "failed" ? "done" : "now";
}
