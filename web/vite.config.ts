import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { alias, outDir } from "./vite.shared.ts";

const api = process.env["SR360_WEB_API_URL"] ?? "http://127.0.0.1:8360";
const served = ["/capture", "/graphql", "/proof", "/actors", "/01", "/00", "/assets/passport-check.js", "/tools", "/docs", "/openapi.json", "/recall.csv", "/fsma204.xlsx"];

/** The React app, served by the API under /app/. */
export default defineConfig({
  base: "/app/",
  plugins: [react(), tailwindcss()],
  resolve: { alias },
  build: { outDir, emptyOutDir: true, target: "es2022" },
  server: { proxy: Object.fromEntries(served.map((path) => [path, api])) },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
