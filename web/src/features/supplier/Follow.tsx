import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { AppError } from "@/lib/errors";
import type { Capture } from "@/queries/capture";
import { ErrorNotice, Hash, Spinner } from "@/ui";
import { progress, type Progress, type Step, steps } from "./progress";

/** Captured, signed, recorded, final: exactly as the server reports it, never ahead of it. */
export function Follow({ capture }: { capture: Capture }) {
  const { state, transactionHash, blockNumber } = capture;
  const client = useQueryClient();
  useEffect(() => {
    if (state === "recorded" || state === "final") void client.invalidateQueries({ queryKey: ["holdings"] });
  }, [client, state]);
  return (
    <div className="mt-5" aria-live="polite" data-testid="follow" data-state={state}>
      <ol className="grid gap-2 sm:grid-cols-4">
        {steps.map((step) => (
          <StepMark key={step.state} step={step} now={progress(step, capture)} busy={state !== "captured"} />
        ))}
      </ol>
      {transactionHash !== null && (
        <p className="mt-3 text-sm text-muted">
          Transaction <Hash value={transactionHash} />
          {blockNumber !== null && ` in block ${blockNumber}`}
        </p>
      )}
      {state === "failed" && (
        <div className="mt-4">
          <ErrorNotice error={refusal(capture)} />
        </div>
      )}
    </div>
  );
}

function refusal({ error, errorCode }: Capture): AppError {
  return new AppError({ code: errorCode ?? "failed", message: error ?? "The chain refused this event.", hint: "Nothing was recorded; prepare it again." });
}

const looks: Record<Progress, string> = {
  done: "border-good/40 bg-good-soft",
  now: "border-accent bg-surface",
  ahead: "border-line bg-surface text-muted",
};

const spoken: Record<Progress, string> = { done: "done", now: "reached", ahead: "not yet" };

function StepMark({ step, now, busy }: { step: Step; now: Progress; busy: boolean }) {
  return (
    <li aria-current={now === "now" ? "step" : undefined} className={`rounded-control border px-3 py-2 ${looks[now]}`}>
      <p className="flex items-center gap-2 font-medium">
        {now === "done" && <span aria-hidden="true">✓</span>}
        {now === "now" && busy && <Spinner />}
        {step.title}
        <span className="sr-only">{spoken[now]}</span>
      </p>
      <p className="text-sm text-muted">{now === "now" ? step.meaning.now : step.meaning.done}</p>
    </li>
  );
}
