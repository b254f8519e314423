import { defineConfig } from "vitest/config";
import { ClosingReporter } from "./test/reporters/closing.js";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "examples/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "test/interop/**", "test/bench/**"],
    testTimeout: 20_000,
    reporters: ["default", new ClosingReporter()],
  },
});
