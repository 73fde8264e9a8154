import "graphiql/setup-workers/vite";
import { GraphiQL } from "graphiql";
import type { ComponentProps } from "react";
import { createRoot } from "react-dom/client";
import { EXAMPLE } from "./example";
import "graphiql/style.css";
import "./graphiql.css";

type Fetcher = ComponentProps<typeof GraphiQL>["fetcher"];

// A problem answer is JSON too, so GraphiQL shows what is wrong whatever the status.
const fetcher: Fetcher = async (request, options) => {
  const headers = { ...options?.headers, "content-type": "application/json", accept: "application/json" };
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(request) });
  return answer.json();
};

const root = document.getElementById("graphiql");
if (root === null) throw new Error("graphiql.html has no #graphiql");
createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={EXAMPLE} />);
