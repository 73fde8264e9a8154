import { fileURLToPath } from "node:url";

export const alias = { "@": fileURLToPath(new URL("./src", import.meta.url)) };
export const outDir = fileURLToPath(new URL("./dist", import.meta.url));
