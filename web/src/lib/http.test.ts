import { afterEach, describe, expect, it, vi } from "vitest";
import { AppError, explain } from "./errors";
import { call } from "./http";

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: string) {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status })));
}

async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof AppError)) throw new Error("expected an AppError");
  return error;
}

describe("call", () => {
  it("turns an RFC 9457 problem into its sentence, code, hint and issues", async () => {
    const issue = { rule: "gs1.check_digit", pointer: "/x", message: "wrong", hint: "use 3" };
    answer(422, JSON.stringify({ detail: "The document breaks a rule.", code: "invalid_document", hint: "Fix it.", issues: [issue] }));
    const error = await refusal(call("/capture"));
    expect(explain(error)).toMatchObject({ message: "The document breaks a rule.", code: "invalid_document", hint: "Fix it.", issues: [issue] });
  });

  it("has a sentence for a failure that is no problem document", async () => {
    answer(502, "<html>bad gateway</html>");
    expect(await refusal(call("/capture"))).toMatchObject({ code: "http_502", message: "The server answered 502." });
  });

  it("says that the server was not reached", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
    expect((await refusal(call("/capture"))).code).toBe("unreachable");
  });
});

describe("explain", () => {
  it("says a wallet's refusal in words", () => {
    expect(explain({ code: 4001, message: "User rejected the request." })).toMatchObject({ code: "wallet_refused" });
  });

  it("keeps the message of anything else", () => {
    expect(explain(new Error("boom")).message).toBe("boom");
  });
});
