import { describe, expect, it } from "vitest";
import { checkDigit, glnProblem, gtinProblem, lotUri, productPath, ssccProblem } from "./gs1";

describe("check digits", () => {
  it("agrees with the FSMA 204 examples", () => {
    expect(checkDigit("0086000999992")).toBe("3");
    expect(gtinProblem("00860009999923")).toBeUndefined();
    expect(glnProblem("0860009999060")).toBeUndefined();
    expect(ssccProblem("008600099999850000")).toBeUndefined();
  });

  it("names the right digit when one is wrong", () => {
    expect(gtinProblem("00860009999924")).toBe("The last digit of this GTIN should be 3.");
    expect(glnProblem("086000999906")).toBe("GLN has 13 digits, not 12.");
    expect(gtinProblem("0086000999992x")).toBe("GTIN has digits only.");
  });
});

describe("links", () => {
  it("pads a GTIN and escapes a lot as the canonical form wants", () => {
    expect(lotUri("860009999923", "A/1 b")).toBe("https://id.gs1.org/01/00860009999923/10/A%2F1%20b");
  });

  it.each([
    ["https://id.gs1.org/01/10860009998039/10/SALAD-20260420-A", "/01/10860009998039/10/SALAD-20260420-A"],
    ["http://127.0.0.1:8360/00/008600099999850000?x=1", "/00/008600099999850000"],
    ["/01/00860009999923/21/7/", "/01/00860009999923/21/7"],
  ])("finds the product in %s", (input, path) => {
    expect(productPath(input)).toBe(path);
  });

  it.each(["", "lettuce", "https://example.org/01/12", "https://id.gs1.org/414/0860009999060"])("finds none in %j", (input) => {
    expect(productPath(input)).toBeUndefined();
  });
});
