import type { Json } from "./json.ts";

const TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Unix milliseconds of an RFC 3339 date-time, fractions cut after the third digit; null if it is none.
 * A leap second counts as the second after it. */
export function eventTimeMs(value: Json): number | null {
  const match = typeof value === "string" ? TIME.exec(value) : null;
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [fraction = "", sign = "+", offsetHours = "0", offsetMinutes = "0"] = match.slice(7);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const [offsetHour, offsetMinute] = [Number(offsetHours), Number(offsetMinutes)];
  const inRange = Math.max(hour, offsetHour) < 24 && Math.max(minute, offsetMinute) < 60 && second <= 60;
  if (!same || year === 0 || !inRange) return null;
  const clock = ((hour * 60 + minute) * 60 + second) * 1000;
  const offset = (offsetHour * 60 + offsetMinute) * (sign === "-" ? -60_000 : 60_000);
  return date.getTime() + clock - offset + Number(fraction.padEnd(3, "0").slice(0, 3));
}
