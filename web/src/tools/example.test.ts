import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { EXAMPLE } from "./example";

test("the example query fits the schema", () => {
  const schema = buildSchema(readFileSync(new URL("../../../api/schema.graphql", import.meta.url), "utf8"));
  expect(validate(schema, parse(EXAMPLE))).toEqual([]);
});
