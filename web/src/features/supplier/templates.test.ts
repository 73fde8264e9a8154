import { describe, expect, it } from "vitest";
import { emptyAnswers, problems } from "./answers";
import { documentText, offsetText, templates } from "./templates";

const answers = { ...emptyAnswers(new Date(0)), gtin: "860009999923", lot: "ABC1234", quantity: "25000.50", uom: "LBR", gln: "0860009999060", toGln: "0860009999992", sscc: "008600099999850000", fromGtin: "00860009999923", fromLot: "X1", fromQuantity: "7", time: "2026-04-17T09:26" };

describe("documentText", () => {
  it("writes a harvest as EPCIS 2.0 with the quantity as typed", () => {
    const text = documentText(templates[0], answers, -240);
    expect(text).toContain('"quantity":25000.50,');
    expect(JSON.parse(text)).toMatchObject({
      type: "EPCISDocument",
      schemaVersion: "2.0",
      epcisBody: { eventList: [{ type: "ObjectEvent", action: "ADD", eventTime: "2026-04-17T09:26:00-04:00", eventTimeZoneOffset: "-04:00", quantityList: [{ epcClass: "https://id.gs1.org/01/00860009999923/10/ABC1234" }] }] },
    });
  });

  it.each(templates.map((template) => [template.id, template] as const))("%s uses every field it asks for", (_, template) => {
    const text = documentText(template, answers, 0);
    const ignored = template.fields.filter((field) => {
      const other = { ...answers, [field]: field === "time" ? "2026-04-18T00:00" : field.toLowerCase().includes("quantity") ? "1" : "999" };
      return documentText(template, other, 0) === text;
    });
    expect(ignored).toEqual([]);
  });
});

it.each([[-240, "-04:00"], [0, "+00:00"], [330, "+05:30"], [-210, "-03:30"]])("says an offset of %i minutes as %s", (minutes, text) => {
  expect(offsetText(minutes)).toBe(text);
});

describe("problems", () => {
  it("has none for good answers", () => {
    for (const { fields } of templates) expect(problems(fields, answers)).toEqual({});
  });

  it("names each field that is wrong, and only fields the template uses", () => {
    const bad = { ...answers, gtin: "860009999924", quantity: "1e3", sscc: "1" };
    expect(Object.keys(problems(templates[0].fields, bad))).toEqual(["gtin", "quantity"]);
  });
});
