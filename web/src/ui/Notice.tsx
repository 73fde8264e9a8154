import type { ReactNode } from "react";
import { explain } from "@/lib/errors";
import { type Tone, toneMark, toneSurface } from "./tone";

interface NoticeProps {
  tone?: Tone;
  title: ReactNode;
  children?: ReactNode;
}

/** Something the reader must know now; bad news is announced, the rest is polite. */
export function Notice({ tone = "neutral", title, children }: NoticeProps) {
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      className={`flex gap-3 rounded-control border px-4 py-3 ${toneSurface[tone]}`}
    >
      <span aria-hidden="true" className="font-semibold">
        {toneMark[tone]}
      </span>
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {children !== undefined && <div className="mt-1 text-sm text-ink">{children}</div>}
      </div>
    </div>
  );
}

/** An error as a sentence, with what to do and the stable code a supporter can look up. */
export function ErrorNotice({ error, retry }: { error: unknown; retry?: ReactNode }) {
  const { message, hint, code, issues } = explain(error);
  return (
    <Notice tone="bad" title={message}>
      {hint !== "" && <p>{hint}</p>}
      {issues.length > 0 && (
        <ul className="mt-2 list-disc space-y-1 pl-5">
          {issues.map((issue) => (
            <li key={`${issue.rule} ${issue.pointer} ${issue.message}`}>
              {issue.message} {issue.hint} <code className="text-xs text-muted">{`${issue.rule} at ${issue.pointer}`}</code>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-1 font-mono text-xs text-muted">{code}</p>
      {retry}
    </Notice>
  );
}
