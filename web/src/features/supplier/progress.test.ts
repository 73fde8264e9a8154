import { expect, it } from "vitest";
import { progress, steps } from "./progress";
import { readOffer, writeOffer } from "./sides";

it.each([
  ["captured", ["now", "ahead", "ahead", "ahead"]],
  ["signed", ["done", "now", "ahead", "ahead"]],
  ["recorded", ["done", "done", "now", "ahead"]],
  ["final", ["done", "done", "done", "done"]],
  ["failed", ["done", "done", "ahead", "ahead"]],
] as const)("shows %s as %j", (state, marks) => {
  expect(steps.map((step) => progress(step, { state }))).toEqual(marks);
});

it("finds the offered event in a link, and nothing in any other link", () => {
  expect(readOffer(writeOffer("a b/ü"))).toBe("a b/ü");
  expect(["", "#", "#offer=", "#other=1", "#offer=%E0%A4%A"].map(readOffer)).toEqual(Array(5).fill(undefined));
});
