import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { applyTheme, storedTheme } from "@/app/theme";
import Verify from "@/features/verify";
import "@/styles/app.css";

const root = document.getElementById("root");
if (root === null) throw new Error("verify.html has no #root");
applyTheme(storedTheme());
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <main className="mx-auto max-w-4xl px-4 py-8 sm:px-6">
        <Verify />
      </main>
    </QueryClientProvider>
  </StrictMode>,
);
