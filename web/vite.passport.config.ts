import { defineConfig } from "vite";
import { alias, outDir } from "./vite.shared.ts";

/** The passport's check: one file, a stable name, no React, so the API's HTML can name it. */
export default defineConfig({
  base: "/",
  publicDir: false,
  resolve: { alias },
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2022",
    rolldownOptions: {
      input: { "passport-check": "src/features/passport/main.ts" },
      output: { format: "iife", entryFileNames: "assets/[name].js" },
    },
  },
});
