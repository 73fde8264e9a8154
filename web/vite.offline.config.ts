import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { alias, outDir } from "./vite.shared.ts";

/** Puts script and style into the page itself: one file that works when opened from disk. */
function inline(): Plugin {
  return {
    name: "sr360-inline",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = bundle["verify.html"];
      if (page?.type !== "asset") throw new Error("verify.html was not built");
      let html = String(page.source);
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type === "chunk") {
          html = html.replace(/<script[^>]*src="[^"]*"[^>]*><\/script>/, "");
          html = html.replace("</body>", () => `<script type="module">${file.code.replaceAll("</script", "<\\/script")}</script></body>`);
        } else if (name.endsWith(".css")) {
          html = html.replace(/<link[^>]*rel="stylesheet"[^>]*>/, () => `<style>${String(file.source)}</style>`);
        } else continue;
        delete bundle[name];
      }
      page.source = html;
    },
  };
}

/** The verify page as a single file, for whoever wants to check without any server of ours. */
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [react(), tailwindcss(), inline()],
  resolve: { alias },
  build: { outDir, emptyOutDir: false, target: "es2022", modulePreload: false, rolldownOptions: { input: "verify.html", output: { codeSplitting: false } } },
});
