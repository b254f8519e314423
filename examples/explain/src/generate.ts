/**
 * Makes every message of this example anew, with keys that are thrown away. The folder to write to is the argument;
 * default: this example itself.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Example, examplesOf } from "./examples.js";
import { createWorld } from "./world.js";

/** Writes certificates, broken messages and their mends into a folder. */
export function generate(folder: string): readonly Example[] {
  const world = createWorld();
  const examples = examplesOf(world);
  for (const name of ["trust", "broken", "mended"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["sts", "partner", "stranger"] as const) {
    writeFileSync(join(folder, "trust", `${name}.pem`), world[name].certificate);
  }
  for (const { name, ending, text, mend } of examples) {
    writeFileSync(join(folder, "broken", `${name}.${ending}`), text);
    if (mend.in === "message") writeFileSync(join(folder, "mended", `${name}.${ending}`), mend.text);
  }
  return examples;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  generate(resolve(process.argv[2] ?? join(import.meta.dirname, "..")));
}
