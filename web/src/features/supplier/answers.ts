import { glnProblem, gtinProblem, ssccProblem } from "@/lib/gs1";
import type { Answers, FieldName } from "./templates";

export const labels: Record<FieldName, string> = {
  gtin: "GTIN of the product",
  lot: "Lot",
  quantity: "Quantity",
  uom: "Unit",
  gln: "Place (GLN)",
  toGln: "Destination (GLN)",
  sscc: "Pallet (SSCC)",
  fromGtin: "GTIN of the input",
  fromLot: "Input lot",
  fromQuantity: "Input quantity",
  time: "When",
};

export const hints: Partial<Record<FieldName, string>> = {
  gtin: "8, 12, 13 or 14 digits, as under the barcode",
  uom: "UN/ECE code: KGM kilogram, LBR pound, CS case",
  gln: "13 digits",
  toGln: "13 digits",
  sscc: "18 digits",
};

/** The local wall-clock minute, as `<input type="datetime-local">` wants it. */
export function localMinute(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

export function emptyAnswers(now: Date): Answers {
  return { gtin: "", lot: "", quantity: "", uom: "KGM", gln: "", toGln: "", sscc: "", fromGtin: "", fromLot: "", fromQuantity: "", time: localMinute(now) };
}

const isNumber = (text: string) => (/^(0|[1-9]\d*)(\.\d+)?$/.test(text) ? undefined : "Write a number like 25000 or 12.5.");
const isFilled = (text: string) => (text.trim() === "" ? "Please fill this in." : undefined);

const rules: Record<FieldName, (text: string) => string | undefined> = {
  gtin: gtinProblem,
  lot: isFilled,
  quantity: isNumber,
  uom: (text) => (/^[A-Z0-9]{2,3}$/.test(text) ? undefined : "Two or three capitals or digits, like KGM."),
  gln: glnProblem,
  toGln: glnProblem,
  sscc: ssccProblem,
  fromGtin: gtinProblem,
  fromLot: isFilled,
  fromQuantity: isNumber,
  time: isFilled,
};

/** What is wrong with each field that the template uses; empty when all is well. */
export function problems(fields: readonly FieldName[], answers: Answers): Partial<Record<FieldName, string>> {
  const found: Partial<Record<FieldName, string>> = {};
  for (const field of fields) {
    const problem = rules[field](answers[field]);
    if (problem !== undefined) found[field] = problem;
  }
  return found;
}
