import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "@countersign/cli";
import { afterAll, describe, expect, it } from "vitest";
import { type Example, examplesOf } from "./examples.js";
import { generate } from "./generate.js";
import { createWorld } from "./world.js";

const here = resolve(import.meta.dirname, "..");
const examples = examplesOf(createWorld());

/** Runs `countersign explain --json`: its exit code and the last line of its output. */
async function explain(folder: string, file: string, config: string, at: string) {
  const said: string[] = [];
  const stdout = { write: (text: string) => void said.push(text) };
  const streams = { stdin: process.stdin, stdout, stderr: { write: (text: string) => void said.push(text) } };
  const words = ["explain", join(folder, file), "--config", join(folder, config), "--at", at, "--json"];
  const code = await run(words, streams);
  const lines = said.join("").trimEnd().split("\n");
  return { code, text: lines.join("\n"), verdict: JSON.parse(lines.at(-1) ?? "") as Record<string, unknown> };
}

const ways: Record<Example["mend"]["in"], (example: Example) => [file: string, config: string, at: string]> = {
  message: ({ name, ending, at }) => [`mended/${name}.${ending}`, "guard.config.js", at],
  options: ({ name, ending, at, mend }) => [`broken/${name}.${ending}`, mend.in === "options" ? mend.config : "", at],
  clock: ({ name, ending, mend }) => [
    `broken/${name}.${ending}`,
    "guard.config.js",
    mend.in === "clock" ? mend.at : "",
  ],
};

async function checkExample(folder: string, example: Example): Promise<void> {
  const { name, ending, code, element, remedy, at, mend } = example;
  const broken = await explain(folder, `broken/${name}.${ending}`, "guard.config.js", at);
  expect(broken.verdict).toMatchObject({
    verdict: "refused",
    code,
    rule: expect.any(String),
    remedy: expect.stringContaining(remedy),
    place:
      element === undefined
        ? null
        : {
            line: expect.any(Number),
            column: expect.any(Number),
            path: expect.stringMatching(new RegExp(`/${element}(?:\\[\\d+\\])?$`)),
          },
  });
  expect(broken.code).toBe(1);
  expect(broken.text).toContain(remedy);
  if (element !== undefined) expect(broken.text).toMatch(/^ *\d+ \| .*\n +\^$/m);
  const mended = await explain(folder, ...ways[mend.in](example));
  expect(mended.verdict).toMatchObject({ verdict: "admitted", code: null, place: null });
  expect(mended.code).toBe(0);
}

describe("the messages of this folder", () => {
  it.each(examples)("rejects $name with $code, and accepts it mended", (example) => checkExample(here, example));

  it("rejects a file or a row of the README that no example stands for", () => {
    const names = examples.map(({ name, ending }) => `${name}.${ending}`).sort();
    expect(readdirSync(join(here, "broken")).sort()).toEqual(names);
    const rows = [
      ...readFileSync(join(here, "README.md"), "utf8").matchAll(/^\| \[([^\]]+)\]\(broken\/[^)]+\) \|(.*)\|$/gm),
    ];
    expect(rows.map(([, file, rest]) => [file, rest?.split("|").map((cell) => cell.trim())])).toEqual(
      examples.map(({ name, ending, broken, code, mended }) => [`${name}.${ending}`, [broken, `\`${code}\``, mended]]),
    );
  });

  it("rejects private keys in the folder", () => {
    const files = ["trust", "broken", "mended"].flatMap((name) =>
      readdirSync(join(here, name)).map((file) => join(here, name, file)),
    );
    expect(files.filter((file) => readFileSync(file, "utf8").includes("PRIVATE KEY"))).toEqual([]);
  });
});

describe("messages made anew", () => {
  const folder = mkdtempSync(join(here, "dist", "fresh-"));
  const fresh = generate(folder);
  cpSync(join(here, "guard.config.js"), join(folder, "guard.config.js"));
  cpSync(join(here, "mended/unknown-signer.config.js"), join(folder, "mended/unknown-signer.config.js"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(fresh)("rejects $name with $code, and accepts it mended", (example) => checkExample(folder, example));
});
