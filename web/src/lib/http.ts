import { AppError, type Issue } from "./errors";

/** RFC 9457 problem details, with this API's `code`, `hint` and `issues`. */
interface Problem {
  title?: unknown;
  detail?: unknown;
  code?: unknown;
  hint?: unknown;
  issues?: unknown;
}

function text(...values: unknown[]): string {
  return values.find((value): value is string => typeof value === "string" && value !== "") ?? "";
}

function toAppError(status: number, body: unknown): AppError {
  const { title, detail, code, hint, issues }: Problem = typeof body === "object" && body !== null ? body : {};
  return new AppError({
    code: text(code, `http_${status}`),
    message: text(detail, title, `The server answered ${status}.`),
    hint: text(hint, status >= 500 ? "Try again in a moment." : ""),
    issues: Array.isArray(issues) ? (issues as Issue[]) : [],
  });
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new AppError({ code: "unreachable", message: "The server could not be reached.", hint: "Check your connection; nothing was lost, and you can try again." });
  }
}

/** One JSON call. A refusal becomes an `AppError` with the server's own sentence. */
export async function call<T>(url: string, init: RequestInit = {}, headers: Record<string, string> = {}): Promise<T> {
  const response = await send(url, { ...init, headers: { Accept: "application/json", ...headers } });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw toAppError(response.status, body);
  return body as T;
}

export function post<T>(url: string, json: string, headers: Record<string, string> = {}): Promise<T> {
  return call<T>(url, { method: "POST", body: json }, { "Content-Type": "application/json", ...headers });
}
