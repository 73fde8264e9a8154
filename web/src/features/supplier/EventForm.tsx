import { type FormEvent, useState } from "react";
import { Button, SelectField, TextField } from "@/ui";
import { emptyAnswers, hints, labels, problems } from "./answers";
import { documentText, type FieldName, templates } from "./templates";

const numeric: readonly FieldName[] = ["gtin", "gln", "toGln", "sscc", "fromGtin"];
const units = ["KGM", "LBR", "GRM", "TNE", "LTR", "CS", "EA", "BX"];

export function EventForm({ busy, onText }: { busy: boolean; onText: (text: string) => void }) {
  const [template, setTemplate] = useState(templates[0]);
  const [answers, setAnswers] = useState(() => emptyAnswers(new Date()));
  const [tried, setTried] = useState(false);
  const found = problems(template.fields, answers);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(found).length > 0) return;
    onText(documentText(template, answers, -new Date(answers.time).getTimezoneOffset()));
  };
  const set = (field: FieldName) => (event: { target: { value: string } }) =>
    setAnswers((before) => ({ ...before, [field]: event.target.value }));
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <SelectField
        label="Kind of event"
        hint={template.explain}
        value={template.id}
        onChange={(event) => setTemplate(templates.find(({ id }) => id === event.target.value) ?? templates[0])}
      >
        {templates.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </SelectField>
      <div className="grid gap-4 sm:grid-cols-2">
        {template.fields.map((field) => {
          const problem = tried ? found[field] : undefined;
          const common = { label: labels[field], hint: problem ?? hints[field], "aria-invalid": problem !== undefined, value: answers[field], onChange: set(field) };
          if (field === "uom") return <UnitField key={field} {...common} />;
          return (
            <TextField
              key={field}
              {...common}
              name={field}
              type={field === "time" ? "datetime-local" : "text"}
              inputMode={numeric.includes(field) ? "numeric" : undefined}
              autoComplete="off"
            />
          );
        })}
      </div>
      {tried && Object.keys(found).length > 0 && (
        <p role="alert" className="text-sm text-bad">
          Some fields need another look: {Object.entries(found).map(([field, problem]) => `${labels[field as FieldName]}: ${problem}`).join(" ")}
        </p>
      )}
      <Button type="submit" busy={busy}>
        Continue
      </Button>
    </form>
  );
}

function UnitField({ hint, ...rest }: Parameters<typeof SelectField>[0]) {
  return (
    <SelectField {...rest} hint={hint}>
      {units.map((unit) => (
        <option key={unit}>{unit}</option>
      ))}
    </SelectField>
  );
}
