import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { AppError } from "@/lib/errors";
import { type CaptureStatus, useCapture } from "@/queries/capture";
import { ErrorNotice, Hash, Spinner } from "@/ui";
import { progress, type Progress, type Step, steps } from "./progress";

/** Captured, signed, recorded, final: exactly as the server reports it, never ahead of it. */
export function Follow({ id, following }: { id: string; following: boolean }) {
  const { data, error } = useCapture(id, following);
  const client = useQueryClient();
  const state = data?.state ?? "captured";
  useEffect(() => {
    if (state === "recorded" || state === "final") void client.invalidateQueries({ queryKey: ["holdings"] });
  }, [client, state]);
  return (
    <div className="mt-5" aria-live="polite" data-testid="follow" data-state={state}>
      <ol className="grid gap-2 sm:grid-cols-4">
        {steps.map((step) => (
          <StepMark key={step.state} step={step} now={progress(step, state, "signed")} busy={following} />
        ))}
      </ol>
      {data?.txHash !== undefined && data.txHash !== null && (
        <p className="mt-3 text-sm text-muted">
          Transaction <Hash value={data.txHash} />
          {data.blockNumber !== undefined && data.blockNumber !== null && ` in block ${data.blockNumber}`}
        </p>
      )}
      {data?.state === "failed" && <ErrorNotice error={refusal(data)} />}
      {error !== null && <ErrorNotice error={error} />}
    </div>
  );
}

function refusal({ error }: CaptureStatus): AppError {
  const found = typeof error === "string" ? { message: error } : error;
  return new AppError({ code: found?.code ?? "failed", message: found?.message ?? "The chain refused this event.", hint: found?.hint ?? "Prepare it again; nothing was recorded." });
}

const looks: Record<Progress, string> = {
  done: "border-good/40 bg-good-soft",
  now: "border-accent bg-surface",
  ahead: "border-line bg-surface text-muted",
};

function StepMark({ step, now, busy }: { step: Step; now: Progress; busy: boolean }) {
  return (
    <li aria-current={now === "now" ? "step" : undefined} className={`rounded-control border px-3 py-2 ${looks[now]}`}>
      <p className="flex items-center gap-2 font-medium">
        {now === "done" && <span aria-hidden="true">✓</span>}
        {now === "now" && busy && <Spinner />}
        {step.title}
        <span className="sr-only">{now === "done" ? "done" : now === "now" ? "reached" : "not yet"}</span>
      </p>
      <p className="text-sm text-muted">{step.meaning}</p>
    </li>
  );
}
