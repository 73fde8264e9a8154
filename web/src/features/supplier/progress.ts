import type { CaptureState } from "@/queries/capture";

export interface Step {
  state: Exclude<CaptureState, "failed">;
  title: string;
  meaning: string;
}

/** The only four words this house uses for how far an event has come; "on chain" starts at `recorded`. */
export const steps: readonly Step[] = [
  { state: "captured", title: "Captured", meaning: "checked and kept, not signed" },
  { state: "signed", title: "Signed", meaning: "your signature is on its way to the chain" },
  { state: "recorded", title: "Recorded", meaning: "in a block; could still be reorganised away" },
  { state: "final", title: "Final", meaning: "cannot be undone any more" },
];

export type Progress = "done" | "now" | "ahead";

/** How each step stands when an event is in `state`; a failed event keeps the steps it had reached. */
export function progress(step: Step, state: CaptureState, reached: CaptureState): Progress {
  const at = steps.findIndex((one) => one.state === (state === "failed" ? reached : state));
  const here = steps.indexOf(step);
  if (here < at) return "done";
  if (here > at) return "ahead";
  return state === "final" ? "done" : "now";
}
