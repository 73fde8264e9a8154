import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, Route, Router, Switch } from "wouter";
import { AppError } from "@/lib/errors";
import { Loading, PageTitle } from "@/ui";
import { ErrorBoundary } from "./ErrorBoundary";
import { Shell } from "./Shell";

const Home = lazy(() => import("@/features/home"));
const Supplier = lazy(() => import("@/features/supplier"));
const Verify = lazy(() => import("@/features/verify"));
const Links = lazy(() => import("@/features/links"));
const Product = lazy(() => import("@/features/product"));
const Trace = lazy(() => import("@/features/trace"));
const Recall = lazy(async () => ({ default: (await import("@/features/trace")).RecallPage }));

/** A refusal is an answer, not a hiccup: only what may heal is tried again. */
function mayHeal(failures: number, error: Error): boolean {
  return failures < 2 && (!(error instanceof AppError) || error.code === "unreachable" || error.code.startsWith("http_5"));
}

const client = new QueryClient({ defaultOptions: { queries: { retry: mayHeal, staleTime: 5_000 } } });

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Router base="/app">
        <Shell>
          <ErrorBoundary>
            <Suspense fallback={<Loading what="Opening…" />}>
              <Switch>
                <Route path="/" component={Home} />
                <Route path="/supplier" component={Supplier} />
                <Route path="/verify" component={Verify} />
                <Route path="/product/*" component={Product} />
                <Route path="/links/*" component={Links} />
                <Route path="/trace/*" component={Trace} />
                <Route path="/recall/*" component={Recall} />
                <Route component={NotFound} />
              </Switch>
            </Suspense>
          </ErrorBoundary>
        </Shell>
      </Router>
    </QueryClientProvider>
  );
}

function NotFound() {
  return (
    <>
      <PageTitle title="Nothing is here" lead="The address may be mistyped." />
      <Link href="/" className="text-accent underline">
        Go to the start
      </Link>
    </>
  );
}
