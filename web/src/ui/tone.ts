/** What a message means to its reader; every coloured surface is one of these. */
export type Tone = "neutral" | "good" | "warn" | "bad";

export const toneSurface: Record<Tone, string> = {
  neutral: "bg-sunken text-ink border-line",
  good: "bg-good-soft text-good border-good/30",
  warn: "bg-warn-soft text-warn border-warn/30",
  bad: "bg-bad-soft text-bad border-bad/30",
};

export const toneText: Record<Tone, string> = {
  neutral: "text-muted",
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
};

/** The mark that goes with the colour, so that no meaning rests on colour alone. */
export const toneMark: Record<Tone, string> = { neutral: "•", good: "✓", warn: "!", bad: "✗" };
