import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";

const control =
  "block w-full min-h-11 rounded-control border border-edge bg-surface px-3 py-2 text-ink placeholder:text-muted";

interface Labelled {
  label: string;
  hint?: ReactNode;
}

function Shell({ label, hint, id, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1 text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, className = "", ...rest }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Shell label={label} hint={hint} id={id}>
      <input id={id} aria-describedby={hint === undefined ? undefined : `${id}-hint`} className={`${control} ${className}`} {...rest} />
    </Shell>
  );
}

export function TextArea({ label, hint, ...rest }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Shell label={label} hint={hint} id={id}>
      <textarea
        id={id}
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className={`${control} min-h-56 font-mono text-sm`}
        {...rest}
      />
    </Shell>
  );
}

export function SelectField({ label, hint, children, ...rest }: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Shell label={label} hint={hint} id={id}>
      <select id={id} aria-describedby={hint === undefined ? undefined : `${id}-hint`} className={control} {...rest}>
        {children}
      </select>
    </Shell>
  );
}
