/** GS1 General Specifications 7.9: the last digit that makes `digits` valid. */
export function checkDigit(digits: string): string {
  const sum = Array.from(digits).toReversed().reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
}

/** A complaint about a GS1 key's digits in words, or undefined when it is right. */
export function keyProblem(name: string, digits: string, lengths: readonly number[]): string | undefined {
  if (!/^\d+$/.test(digits)) return `${name} has digits only.`;
  if (!lengths.includes(digits.length)) return `${name} has ${lengths.join(" or ")} digits, not ${digits.length}.`;
  const right = checkDigit(digits.slice(0, -1));
  return digits.endsWith(right) ? undefined : `The last digit of this ${name} should be ${right}.`;
}

const gtinLengths = [8, 12, 13, 14] as const;

/** GS1 Digital Link of a lot; the GTIN is padded to 14 digits as the standard's canonical form wants. */
export function lotUri(gtin: string, lot: string): string {
  return `https://id.gs1.org/01/${gtin.padStart(14, "0")}/10/${encodeURIComponent(lot)}`;
}

export const gtinProblem = (gtin: string) => keyProblem("GTIN", gtin, gtinLengths);
export const glnProblem = (gln: string) => keyProblem("GLN", gln, [13]);
export const ssccProblem = (sscc: string) => keyProblem("SSCC", sscc, [18]);

/**
 * The product's path on this server from whatever a person has at hand: a Digital Link of any host, or a GTIN and a lot.
 * Undefined when it is neither.
 */
export function productPath(input: string): string | undefined {
  const found = /\/(01\/\d{8,14}(?:\/(?:10|21)\/[^/?#\s]+)?|00\/\d{18})\/?(?:[?#].*)?$/.exec(input.trim());
  return found?.[1] === undefined ? undefined : `/${found[1]}`;
}
