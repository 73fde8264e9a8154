import type { Capture, CaptureState } from "@/queries/capture";

export interface Step {
  state: Exclude<CaptureState, "failed">;
  title: string;
  meaning: string;
}

/** The only four words this house uses for how far an event has come; "on chain" starts at `recorded`. */
export const steps: readonly Step[] = [
  { state: "captured", title: "Captured", meaning: "checked and kept, not fully signed" },
  { state: "signed", title: "Signed", meaning: "on its way to the chain" },
  { state: "recorded", title: "Recorded", meaning: "in a block; may still be reorganised away" },
  { state: "final", title: "Final", meaning: "cannot be undone any more" },
];

export type Progress = "done" | "now" | "ahead";

/** How each step stands. A failed event had been signed, and is in no block. */
export function progress(step: Step, { state }: Pick<Capture, "state">): Progress {
  const at = steps.findIndex((one) => one.state === (state === "failed" ? "signed" : state));
  const here = steps.indexOf(step);
  if (here > at) return "ahead";
  return here < at || state === "final" || state === "failed" ? "done" : "now";
}
