import { Spinner } from "./Button";

export function Loading({ what }: { what: string }) {
  return (
    <output className="flex items-center gap-3 py-4 text-muted">
      <Spinner /> {what}
    </output>
  );
}
