import type { Operation } from "@/generated/graphql";
import { AppError } from "./errors";
import { post } from "./http";

interface Answer<Data> {
  data?: Data | null;
  errors?: readonly { message: string; extensions?: { code?: string; hint?: string } }[];
}

/** One GraphQL operation. The first error of the answer is thrown, with its own code and hint. */
export async function query<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables): Promise<Data> {
  const body = JSON.stringify({ query: operation.text, operationName: operation.name, variables });
  const { data, errors } = await post<Answer<Data>>("/graphql", body);
  const [first] = errors ?? [];
  if (first !== undefined)
    throw new AppError({ code: first.extensions?.code ?? "graphql", message: first.message, hint: first.extensions?.hint ?? "" });
  if (data === undefined || data === null) throw new AppError({ code: "graphql_empty", message: "The server answered without data." });
  return data;
}
