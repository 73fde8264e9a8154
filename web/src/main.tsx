import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { applyTheme, storedTheme } from "@/app/theme";
import "@/styles/app.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
applyTheme(storedTheme());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
