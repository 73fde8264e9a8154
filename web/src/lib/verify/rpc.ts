/** The RPC endpoint did not answer, or refused. */
export class RpcFailed extends Error {}

export type Call = (method: string, ...params: unknown[]) => Promise<unknown>;

/** One JSON-RPC call over HTTP; throws RpcFailed. */
export function connect(url: string, timeoutMs = 10_000): Call {
  return async (method, ...params) => {
    const answer = await post(url, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }), timeoutMs);
    if (typeof answer === "object" && answer !== null && "result" in answer) return answer.result;
    const error = typeof answer === "object" && answer !== null && "error" in answer ? answer.error : undefined;
    throw new RpcFailed(`${method}: ${error === undefined ? "no JSON-RPC response" : JSON.stringify(error)}`);
  };
}

async function post(url: string, body: string, timeoutMs: number): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return (await response.json()) as unknown;
  } catch (error) {
    throw new RpcFailed(`${url} did not answer: ${error instanceof Error ? error.message : "unknown"}`);
  }
}
