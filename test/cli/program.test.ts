import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createFolder, lastLine, launch, repository } from "./invocation.js";

const folder = createFolder();
afterAll(() => folder.remove());

const config = ["--config", "examples/explain/guard.config.js", "--at", "2026-11-02T10:01:00Z"];
const genuine = "examples/explain/mended/changed-body.xml";
const changed = "examples/explain/broken/changed-body.xml";

describe("the program", { timeout: 60_000 }, () => {
  it("accepts a genuine message with exit code 0, and rejects it changed with 1", async () => {
    const [admitted, refused] = await Promise.all([
      launch(["explain", genuine, ...config, "--json"]),
      launch(["explain", changed, ...config, "--json"]),
    ]);
    expect(admitted).toMatchObject({ code: 0, stderr: "" });
    expect(lastLine(admitted)).toMatchObject({ verdict: "admitted" });
    expect(refused).toMatchObject({ code: 1, stderr: "" });
    expect(lastLine(refused)).toMatchObject({ verdict: "refused", code: "ERR_WSS_FAILED_CHECK" });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are for terminals alone.
    expect(refused.stdout).not.toMatch(/\u001b/);
  });

  it("accepts a message on standard input", async () => {
    const outcome = await launch(["explain", "-", ...config], { stdin: readFileSync(join(repository, genuine)) });
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining("stdin") });
  });

  it("accepts a configuration that leaves timers and output open: the command ends all the same", async () => {
    const file = folder.write(
      "open.mjs",
      `import options from ${JSON.stringify(`${repository}/examples/explain/guard.config.js`)};
       setInterval(() => {}, 1_000); export default options;`,
    );
    expect(await launch(["explain", genuine, "--config", file, "--at", "2026-11-02T10:01:00Z"])).toMatchObject({
      code: 0,
    });
  });

  it.each<[string, readonly string[], string | Uint8Array, RegExp]>([
    ["a file that is not there", ["explain", "nowhere.xml"], "", /nowhere\.xml cannot be read: there is no such file/],
    ["a directory", ["inspect", "examples"], "", /examples cannot be read: it is a directory/],
    ["empty input", ["explain", "-"], "", /stdin is empty/],
    [
      "binary garbage",
      ["explain", "-"],
      Buffer.concat([Buffer.from([0, 1, 2]), randomBytes(4_096)]),
      /neither a SOAP message/,
    ],
    [
      "garbage to inspect",
      ["inspect", "-"],
      Buffer.concat([Buffer.from([0, 1, 2]), randomBytes(4_096)]),
      /nothing that can be inspected/,
    ],
    ["a missing configuration", ["explain", genuine, "--config", "nowhere.js"], "", /nowhere\.js is missing/],
    ["a wrong time", ["explain", genuine, "--at", "yesterday"], "", /--at yesterday is no moment/],
    ["a wrong header", ["explain", genuine, "-H", "nonsense"], "", /is no header/],
    ["no command", [], "", /Usage: countersign/],
    ["an unknown command", ["explian"], "", /Did you mean explain\?/],
    ["an unknown option", ["explain", genuine, "--confg", "x"], "", /Did you mean --config\?/],
    ["a missing argument", ["explain"], "", /missing required argument 'file'/],
  ])("rejects %s with exit code 2 and one clear sentence", async (_, words, stdin, sentence) => {
    const outcome = await launch(words, { stdin });
    expect(outcome.stderr).toMatch(sentence);
    expect(outcome.stderr).not.toMatch(/ {4}at /);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
  });

  it("rejects 20 MiB and endless input promptly", async () => {
    const started = performance.now();
    const large = await launch(["explain", "-", ...config, "--json"], { stdin: `<a>${"b".repeat(20 << 20)}</a>` });
    expect(lastLine(large)).toMatchObject({ code: "ERR_HTTP_TOO_LARGE" });
    expect(await launch(["inspect", "/dev/zero"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/more than 64 MiB/),
    });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it("rejects a configuration that throws, without a stack", async () => {
    const file = folder.write("throws.mjs", 'throw new Error("the vault is closed");');
    const outcome = await launch(["explain", genuine, "--config", file]);
    expect(outcome).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("the vault is closed") });
    expect(outcome.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("accepts --help and --version", async () => {
    const [help, version] = await Promise.all([launch(["explain", "--help"]), launch(["--version"])]);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining("Exit code: 0 admitted") });
    const { version: published } = JSON.parse(readFileSync(join(repository, "packages/cli/package.json"), "utf8")) as {
      version: string;
    };
    expect(version).toMatchObject({ code: 0, stdout: `${published}\n` });
  });
});
