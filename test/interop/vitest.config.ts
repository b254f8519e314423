import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { ClosingReporter } from "../reporters/closing.js";

/** The suites against other stacks: one file after the other, slow starts allowed, and an absent program is a failure. */
export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: {
    include: ["test/interop/**/*.test.ts", "test/spec/xmlsec/xmlsec1.test.ts", "test/spec/xmlenc/xmlsec1.test.ts"],
    env: { COUNTERSIGN_REQUIRE: "all" },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: ["default", new ClosingReporter()],
  },
});
