import { describeLink, plural } from "@/lib/format";
import { type Checked, count, type Finding, type Group, groupFindings, headline, type Status, whatWasChecked } from "@/lib/verdict";
import { Notice, type Tone, toneMark, toneText } from "@/ui";

const tones: Record<Status, Tone> = { ok: "good", bad: "bad", unchecked: "warn", note: "neutral" };
const words: Record<Status, string> = { ok: "passed", bad: "failed", unchecked: "could not check", note: "note" };

/** The verdict first, then every single check behind it. */
export function VerdictView({ checked, rpcUrl }: { checked: Checked; rpcUrl: string | undefined }) {
  const { verdict, summary } = checked;
  return (
    <div className="space-y-4" data-testid="verdict" data-status={verdict.status}>
      <Notice tone={tones[verdict.status]} title={headline(checked)}>
        {verdict.status === "ok" && summary !== undefined && <p>{whatWasChecked(summary)}</p>}
        <p className="mt-1">
          {(["bad", "unchecked", "ok", "note"] as const)
            .filter((status) => count(verdict, status) > 0)
            .map((status) => `${count(verdict, status)} ${words[status]}`)
            .join(", ")}
          . {rpcUrl === undefined ? "No chain endpoint was asked." : `Checked against ${rpcUrl}.`}
        </p>
      </Notice>
      {groupFindings(checked).map((group) => (
        <FindingGroup key={group.title} group={group} />
      ))}
    </div>
  );
}

/** Open when there is something to read in it; what simply passed is one line until asked for. */
function FindingGroup({ group }: { group: Group }) {
  const fine = group.findings.every(({ status }) => status === "ok");
  return (
    <details open={!fine} className="rounded-card border border-line bg-surface px-5 py-4 sm:px-6">
      <summary className="min-h-8 cursor-pointer py-1">
        <h2 className="inline text-lg font-semibold tracking-tight break-words">{describeLink(group.title)}</h2>{" "}
        <span className={`text-sm ${toneText[fine ? "good" : "neutral"]}`}>
          {fine ? `✓ ${plural(group.findings.length, "check")} passed` : plural(group.findings.length, "check")}
        </span>
      </summary>
      <ul className="mt-2 divide-y divide-line">
        {group.findings.map((finding) => (
          <FindingRow key={`${finding.name} ${finding.pointer} ${finding.message}`} finding={finding} />
        ))}
      </ul>
    </details>
  );
}

function FindingRow({ finding: { name, status, pointer, message } }: { finding: Finding }) {
  const tone = tones[status];
  return (
    <li className="flex gap-3 py-2" data-finding={name} data-status={status}>
      <span className={`w-4 shrink-0 text-center font-semibold ${toneText[tone]}`}>
        <span aria-hidden="true">{toneMark[tone]}</span>
        <span className="sr-only">{words[status]}</span>
      </span>
      <div className="min-w-0">
        <p className="break-words">{message}</p>
        <p className="font-mono text-xs break-all text-muted">
          {name} {pointer}
        </p>
      </div>
    </li>
  );
}
