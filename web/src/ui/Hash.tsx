import { shortHex } from "@/lib/format";

/** A hash or address, shortened for the eye and whole for the pointer, the clipboard and the screen reader. */
export function Hash({ value }: { value: string }) {
  return (
    <code title={value} className="font-mono text-[0.92em] break-all">
      <span aria-hidden="true">{shortHex(value)}</span>
      <span className="sr-only">{value}</span>
    </code>
  );
}
