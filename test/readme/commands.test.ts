import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, createFolder, launch } from "../cli/invocation.js";
import { blocksOf, documents, repository, textOf } from "./blocks.js";
import { order } from "./messages.js";
import { stsCertificate } from "./settings.js";

/** A directory in which the examples are found as in the repository, and files may be made. */
const folder = createFolder();
beforeAll(() => symlinkSync(join(repository, "examples"), join(folder.path, "examples")));
afterAll(() => folder.remove());

const blocks = documents.flatMap(blocksOf);
const samples = blocks
  .filter(({ language }) => language === "console")
  .map(({ document, line, text }) => {
    const [command = "", ...output] = text.trimEnd().split("\n");
    return { place: `${document}:${line}`, command, output };
  });

/** Identifiers are random: documents show an ellipsis for each. */
const withoutIds = (text: string): string => text.replace(/[0-9a-f]{32}/g, "…");

/** The lines as one expression; `...` alone stands for any lines. */
const pattern = (lines: readonly string[]): RegExp =>
  new RegExp(
    `^${lines.map((line) => (line.trim() === "..." ? "(?:.*\\n)*?" : `${line.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}\\n`)).join("")}$`,
  );

describe("commands of the documents", { timeout: 60_000 }, () => {
  it.each(samples)("accepts the output that $place shows", async ({ command, output }) => {
    const [, words] = /^\$ npx countersign (.+)$/.exec(command) ?? [];
    const { stdout, stderr } = await launch(words?.split(" ") ?? [], { directory: folder.path });
    expect(stderr).toBe("");
    expect(withoutIds(stdout)).toMatch(pattern(output));
  });

  it("rejects an output that differs in a line", () => {
    expect("a\nb\n").toMatch(pattern(["a", "b"]));
    expect("a\nx\ny\nb\n").toMatch(pattern(["a", "...", "b"]));
    expect("a\nc\n").not.toMatch(pattern(["a", "b"]));
    expect("a\nb\nc\n").not.toMatch(pattern(["a", "b"]));
  });

  it("accepts every flag of the page, as the help of the commands has them and no other", async () => {
    const listed = [...textOf("packages/cli/README.md").matchAll(/^\| `(--[a-z-]+)/gm)].map(([, flag]) => flag);
    const help = await Promise.all(["explain", "keygen"].map((command) => call([command, "--help"])));
    const real = help.flatMap(({ stdout }) =>
      [...stdout.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag),
    );
    expect(listed.sort()).toEqual(real.filter((flag) => flag !== "--help").sort());
  });

  it("accepts the JSON configuration of the page, and rejects what it does not admit", async () => {
    const block = blocks.find(({ attributes }) => attributes.config === "guard.config.json");
    folder.write("sts.pem", stsCertificate);
    const config = folder.write("guard.config.json", block?.text ?? "");
    const { code, stdout } = await call(["explain", "-", "--config", config], order);
    expect(code).toBe(1);
    expect(stdout).toContain("ERR_TOKEN_MISSING");
  });
});
