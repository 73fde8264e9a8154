import { Lexeme, type Json, writeJson } from "@/lib/json";
import { lotUri } from "@/lib/gs1";

/** What a person fills in; each template uses the fields it names. */
export interface Answers {
  gtin: string;
  lot: string;
  quantity: string;
  uom: string;
  gln: string;
  toGln: string;
  sscc: string;
  fromGtin: string;
  fromLot: string;
  fromQuantity: string;
  /** As an `<input type="datetime-local">` gives it, in the browser's time zone. */
  time: string;
}

export type FieldName = keyof Answers;

export interface Template {
  id: string;
  title: string;
  explain: string;
  fields: readonly FieldName[];
  event(answers: Answers): Record<string, Json>;
}

const place = (gln: string): Json => ({ id: `https://id.gs1.org/414/${gln}` });
const amount = (uri: string, quantity: string, uom: string): Json => ({ epcClass: uri, quantity: new Lexeme(quantity), uom });
const lot = (answers: Answers) => amount(lotUri(answers.gtin, answers.lot), answers.quantity, answers.uom);

function at(answers: Answers) {
  return { readPoint: place(answers.gln), bizLocation: place(answers.gln) };
}

function route(answers: Answers) {
  return {
    sourceList: [{ type: "location", source: `https://id.gs1.org/414/${answers.gln}` }],
    destinationList: [{ type: "location", destination: `https://id.gs1.org/414/${answers.toGln}` }],
  };
}

const lotFields = ["gtin", "lot", "quantity", "uom", "gln", "time"] as const;

/** Common supply-chain events as EPCIS 2.0 with CBV words (GS1 US recommendations for FSMA 204). */
export const templates: readonly [Template, ...Template[]] = [
  {
    id: "harvest",
    title: "Harvest or make a new lot",
    explain: "A lot begins here. You become its holder.",
    fields: lotFields,
    event: (answers) => ({ type: "ObjectEvent", action: "ADD", bizStep: "creating_class_instance", disposition: "active", ...at(answers), quantityList: [lot(answers)] }),
  },
  {
    id: "store",
    title: "Store or cool",
    explain: "The lot stays with you, at a place.",
    fields: lotFields,
    event: (answers) => ({ type: "ObjectEvent", action: "OBSERVE", bizStep: "storing", disposition: "in_progress", ...at(answers), quantityList: [lot(answers)] }),
  },
  {
    id: "ship",
    title: "Ship",
    explain: "The lot leaves your place for another.",
    fields: ["gtin", "lot", "quantity", "uom", "gln", "toGln", "time"],
    event: (answers) => ({ type: "ObjectEvent", action: "OBSERVE", bizStep: "shipping", disposition: "in_transit", readPoint: place(answers.gln), quantityList: [lot(answers)], ...route(answers) }),
  },
  {
    id: "receive",
    title: "Receive",
    explain: "The lot arrives at your place. With a receiver named below, holding it passes to them.",
    fields: ["gtin", "lot", "quantity", "uom", "gln", "toGln", "time"],
    event: (answers) => ({ type: "ObjectEvent", action: "OBSERVE", bizStep: "receiving", disposition: "in_progress", readPoint: place(answers.toGln), quantityList: [lot(answers)], ...route(answers) }),
  },
  {
    id: "pack",
    title: "Pack onto a pallet",
    explain: "Cases of a lot go onto a numbered logistic unit.",
    fields: ["sscc", "gtin", "lot", "quantity", "uom", "gln", "time"],
    event: (answers) => ({ type: "AggregationEvent", action: "ADD", bizStep: "packing", parentID: `https://id.gs1.org/00/${answers.sscc}`, readPoint: place(answers.gln), childQuantityList: [lot(answers)] }),
  },
  {
    id: "transform",
    title: "Turn one lot into another",
    explain: "An input lot is used up, a new lot begins.",
    fields: ["fromGtin", "fromLot", "fromQuantity", "gtin", "lot", "quantity", "uom", "gln", "time"],
    event: (answers) => ({
      type: "TransformationEvent",
      bizStep: "creating_class_instance",
      disposition: "active",
      ...at(answers),
      inputQuantityList: [amount(lotUri(answers.fromGtin, answers.fromLot), answers.fromQuantity, answers.uom)],
      outputQuantityList: [lot(answers)],
    }),
  },
];

const two = (value: number) => String(value).padStart(2, "0");

/** `+02:00` for minutes east of Greenwich (EPCIS `eventTimeZoneOffset`). */
export function offsetText(minutesEast: number): string {
  const size = Math.abs(minutesEast);
  return `${minutesEast < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** An EPCIS 2.0 document of one event, as the text that will be captured. */
export function documentText(template: Template, answers: Answers, minutesEast: number): string {
  const offset = offsetText(minutesEast);
  const eventTime = `${answers.time.length === 16 ? `${answers.time}:00` : answers.time}${offset}`;
  const { type, ...rest } = template.event(answers);
  return writeJson({
    "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: eventTime,
    epcisBody: { eventList: [{ type, eventTime, eventTimeZoneOffset: offset, ...rest }] },
  });
}
