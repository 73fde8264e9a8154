import { describe, expect, it } from "vitest";
import { Lexeme, writeJson } from "./json";

describe("writeJson", () => {
  it("keeps a number's digits where JSON.stringify would fold them", () => {
    expect(writeJson({ a: new Lexeme("3.10"), b: [new Lexeme("25000"), "00123"] })).toBe('{"a":3.10,"b":[25000,"00123"]}');
    expect(writeJson(new Lexeme("12345678901234567890.0"))).toBe("12345678901234567890.0");
  });

  it("leaves out what is undefined and keeps null", () => {
    expect(writeJson({ gone: undefined, none: null, yes: true })).toBe('{"none":null,"yes":true}');
  });

  it.each(["", "01", "1.", "+1", "0x1", "1 ", "NaN", "--1"])("refuses %j as a number", (text) => {
    expect(() => new Lexeme(text)).toThrow(TypeError);
  });
});
