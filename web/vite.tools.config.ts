import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig, type Plugin } from "vite";
import { outDir } from "./vite.shared.ts";

const SWAGGER_NOTICE = "swagger-ui-es-bundle.js.LICENSE.txt";

/** Swagger UI comes bundled already: what is inside it is named in a file of its own. */
function swaggerNotice(): Plugin {
  return {
    name: "sr360-swagger-notice",
    generateBundle() {
      const source = readFileSync(createRequire(import.meta.url).resolve(`swagger-ui-dist/${SWAGGER_NOTICE}`), "utf8");
      this.emitFile({ type: "asset", fileName: `assets/${SWAGGER_NOTICE}`, source });
    },
  };
}

/** GraphiQL and Swagger UI from our own server, so that both work without any other host. */
export default defineConfig({
  base: "/tools/",
  publicDir: false,
  plugins: [swaggerNotice()],
  build: {
    outDir: `${outDir}/tools`,
    emptyOutDir: true,
    target: "es2022",
    license: { fileName: "licenses.md" },
    chunkSizeWarningLimit: 5000, // editors are big, and no phone needs them
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["graphiql.html", "openapi.html"],
      checks: { pluginTimings: false },
      // "use client" is for servers that render React; this page has none.
      onwarn: (warning, warn) => (warning.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : warn(warning)),
    },
  },
});
