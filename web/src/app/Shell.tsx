import type { ReactNode } from "react";
import { Link, useRoute } from "wouter";
import { ThemeToggle } from "./ThemeToggle";

function NavLink({ to, children }: { to: string; children: ReactNode }) {
  const [here] = useRoute(to);
  return (
    <Link
      href={to}
      aria-current={here ? "page" : undefined}
      className={`flex min-h-11 items-center rounded-control px-2 text-sm ${here ? "font-semibold text-ink" : "text-muted hover:text-ink"}`}
    >
      {children}
    </Link>
  );
}

export function Shell({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto flex min-h-dvh max-w-4xl flex-col px-4 sm:px-6">
      <a href="#main" className="sr-only focus:not-sr-only">
        Skip to content
      </a>
      <header className="flex flex-wrap items-center justify-between gap-x-4 border-b border-line py-3">
        <Link href="/" className="flex min-h-11 items-center gap-2 font-semibold tracking-tight">
          <Mark /> SmartRetail360
        </Link>
        <nav aria-label="Main" className="flex items-center gap-1">
          <NavLink to="/supplier">Record</NavLink>
          <NavLink to="/verify">Verify</NavLink>
          <ThemeToggle />
        </nav>
      </header>
      <main id="main" tabIndex={-1} className="flex-1 py-8 outline-none sm:py-12">
        {children}
      </main>
      <footer className="border-t border-line py-6 text-sm text-muted">
        Every product’s history can be checked without trusting this server.
      </footer>
    </div>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7">
      <circle cx="16" cy="16" r="15" className="fill-accent" />
      <path d="m9 16.5 5 5 9.5-11" fill="none" className="stroke-on-accent" strokeWidth="3.2" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
