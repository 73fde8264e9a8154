import { type DragEvent, type ReactNode, useId, useState } from "react";

interface FileDropProps {
  label: string;
  hint: ReactNode;
  accept: string;
  onFile: (file: File) => void;
}

/** A place to drop a file, that is also an ordinary file input for keyboard and screen reader. */
export function FileDrop({ label, hint, accept, onFile }: FileDropProps) {
  const id = useId();
  const [over, setOver] = useState(false);
  const take = (file: File | undefined) => {
    if (file !== undefined) onFile(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`rounded-card border-2 border-dashed p-6 text-center transition ${over ? "border-accent bg-good-soft" : "border-edge bg-surface"}`}
    >
      <label htmlFor={id} className="block cursor-pointer font-medium">
        {label}
      </label>
      <p className="mt-1 text-sm text-muted">{hint}</p>
      <input
        id={id}
        type="file"
        accept={accept}
        className="mx-auto mt-4 block max-w-full text-sm file:mr-3 file:min-h-11 file:cursor-pointer file:rounded-control file:border file:border-edge file:bg-surface file:px-4 file:font-medium file:text-ink"
        onChange={(event) => {
          take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </div>
  );
}
