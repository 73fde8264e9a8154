import type { ButtonHTMLAttributes } from "react";

type Kind = "primary" | "quiet";

const looks: Record<Kind, string> = {
  primary: "bg-accent text-on-accent border-accent hover:opacity-90",
  quiet: "bg-surface text-ink border-edge hover:bg-sunken",
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  busy?: boolean;
}

/** A button; while `busy` it keeps its place, says so, and takes no second press. */
export function Button({ kind = "primary", busy = false, disabled, className = "", children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy}
      className={`inline-flex min-h-11 items-center justify-center gap-2 rounded-control border px-4 py-2 font-medium transition disabled:cursor-not-allowed disabled:opacity-60 ${looks[kind]} ${className}`}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="inline-block size-4 animate-spin rounded-full border-2 border-current border-r-transparent"
    />
  );
}
