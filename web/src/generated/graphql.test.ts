import { execFileSync } from "node:child_process";
import { it } from "vitest";

it("is what scripts/graphql-types.mjs makes of api/schema.graphql today", () => {
  execFileSync(process.execPath, ["scripts/graphql-types.mjs", "--check"], { stdio: "pipe" });
});
