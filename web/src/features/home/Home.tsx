import type { ReactNode } from "react";
import { Link } from "wouter";
import { PassportFinder } from "./PassportFinder";
import { Recent } from "./Recent";

interface DoorProps {
  who: string;
  title: string;
  children: ReactNode;
}

function Door({ who, title, children }: DoorProps) {
  return (
    <section className="flex flex-col gap-3 rounded-card border border-line bg-surface p-6">
      <p className="text-xs font-semibold tracking-widest text-muted uppercase">{who}</p>
      <h2 className="text-xl font-semibold tracking-tight">{title}</h2>
      {children}
    </section>
  );
}

const link = "inline-flex min-h-11 items-center font-medium text-accent underline underline-offset-4";

export function Home() {
  return (
    <>
      <h1 className="max-w-2xl text-4xl font-semibold tracking-tight text-balance sm:text-5xl">
        Know where it has been. Check it yourself.
      </h1>
      <p className="mt-4 mb-10 max-w-2xl text-lg text-muted text-pretty">
        Every step of a product’s journey is signed by whoever took it and committed to a public chain. Nothing can be
        dropped, edited or reordered unseen, not even by us.
      </p>
      <div className="grid gap-4 md:grid-cols-2">
        <Door who="Consumer" title="Open a product’s passport">
          <PassportFinder />
          <Recent />
        </Door>
        <Door who="Supplier" title="Record what you did">
          <p className="text-muted">Describe an event, read it in plain words, sign it with your wallet. No fee, no coins needed.</p>
          <Link href="/supplier" className={`${link} mt-auto`}>
            Record an event
          </Link>
        </Door>
        <Door who="Partner" title="Connect your systems">
          <p className="text-muted">GraphQL and EPCIS 2.0 over HTTP; every answer brings its proof on request.</p>
          <p className="mt-auto flex flex-wrap gap-x-6">
            <a href="/graphql" className={link}>
              GraphQL
            </a>
            <a href="/docs" className={link}>
              OpenAPI
            </a>
          </p>
        </Door>
        <Door who="Auditor" title="Verify without us">
          <p className="text-muted">
            Check a proof bundle in this browser against an RPC endpoint of your choice, or replay the whole history with{" "}
            <code className="rounded bg-sunken px-1 py-0.5 font-mono text-sm text-ink">sr360 verify</code>.
          </p>
          <Link href="/verify" className={`${link} mt-auto`}>
            Check a proof
          </Link>
        </Door>
      </div>
    </>
  );
}
