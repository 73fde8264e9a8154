import type { ReactNode } from "react";

interface CardProps {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}

export function Card({ title, aside, children }: CardProps) {
  return (
    <section className="rounded-card border border-line bg-surface p-5 sm:p-6">
      {(title !== undefined || aside !== undefined) && (
        <header className="mb-4 flex flex-wrap items-baseline justify-between gap-2">
          <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

export function PageTitle({ title, lead }: { title: string; lead: ReactNode }) {
  return (
    <div className="mb-8">
      <h1 className="text-3xl font-semibold tracking-tight text-balance">{title}</h1>
      <p className="mt-2 max-w-2xl text-muted text-pretty">{lead}</p>
    </div>
  );
}
