import { afterAll, describe, expect, it } from "vitest";
import { credentials } from "../support/credentials.js";
import { x509Message } from "../support/messages.js";
import { call, createFolder, lastLine, pem } from "./invocation.js";

const folder = createFolder();
afterAll(() => folder.remove());

const { signer } = credentials();
folder.write("alice.pem", pem(signer.certificate));
folder.write("alice.der", signer.certificate);

const options = (certificates: string) =>
  `{ origin: "https://orders.example", trust: { certificates: [${certificates}] }, accept: [x509()] }`;
const head = `import { readFileSync } from "node:fs"; import { x509 } from "@countersign/core";
  const pem = readFileSync(new URL("alice.pem", import.meta.url), "utf8");`;
const json = (change: object) =>
  JSON.stringify({
    origin: "https://orders.example",
    trust: { certificates: ["alice.pem"] },
    accept: [{ x509: {} }],
    ...change,
  });

let count = 0;
const explain = (name: string, content: string) =>
  call(
    ["explain", "-", "--json", "--config", folder.write(`${++count}-${name}`, content)],
    x509Message({ signer }).text,
  );

describe("configurations", () => {
  it.each([
    ["module.mjs", `${head} export default ${options("pem")};`],
    ["module.js", `${head} export default ${options("pem")};`],
    ["promise.mjs", `${head} export default Promise.resolve(${options("pem")});`],
    ["function.mjs", `${head} export default () => (${options("pem")});`],
    ["top-level-await.mjs", `${head} await null; export default ${options("pem")};`],
    [
      "common.cjs",
      `const { x509 } = require("@countersign/core");
      const pem = require("node:fs").readFileSync(require("node:path").join(__dirname, "alice.pem"), "utf8");
      module.exports = ${options("pem")};`,
    ],
    ["options.json", json({})],
    ["der.json", json({ trust: { certificates: ["alice.der"] } })],
    ["text.json", json({ trust: { certificates: [pem(signer.certificate)] } })],
    ["signed.json", json({ accept: [{ x509: { signed: ["body", "timestamp"] } }], clockSkewSeconds: 10 })],
  ])("accepts %s", async (name, content) => {
    const outcome = await explain(name, content);
    expect(outcome.stderr).toBe("");
    expect(outcome.code).toBe(0);
    expect(lastLine(outcome)).toMatchObject({ verdict: "admitted" });
  });

  it.each([
    ["empty.mjs", "export {};", "holds no guard options"],
    ["list.mjs", "export default [];", "holds no guard options"],
    ["throws.mjs", 'throw new Error("the vault is closed");', "the vault is closed"],
    ["throws-text.mjs", 'throw "no vault";', "no vault"],
    ["rejects.mjs", 'export default Promise.reject(new Error("the vault is closed"));', "the vault is closed"],
    ["syntax.mjs", "export default {", "cannot be loaded"],
    ["missing-import.mjs", 'import "./nowhere.js";', "nowhere.js"],
    ["option.mjs", `${head} export default { ...${options("pem")}, clokSkewSeconds: 5 };`, "clokSkewSeconds"],
    [
      "insecure.mjs",
      `${head} export default { ...${options("pem")}, accept: [x509({ signed: [] })] };`,
      "ERR_CONFIG_INSECURE",
    ],
    ["broken.json", "{", "is not JSON"],
    ["list.json", "[]", "holds no object"],
    [
      "path.json",
      json({ trust: { certificates: ["nobody.pem"] } }),
      "trust.certificates[0]: nobody.pem cannot be read",
    ],
    ["kind.json", json({ accept: [{ kerberos: {} }] }), "accept[0]"],
    ["inherited.json", json({ accept: [{ constructor: {} }] }), "accept[0]"],
    ["password.json", json({ accept: [{ usernameToken: { over: "transport" } }] }), "is a function"],
    ["claims.json", json({ require: { claims: [{ role: [1] }] } }), "require.claims"],
    ["unknown.json", json({ preciseFault: true }), "preciseFault"],
  ])("rejects %s with exit code 2 and the reason", async (name, content, reason) => {
    const outcome = await explain(name, content);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(reason);
    expect(outcome.stdout).toBe("");
  });

  it("rejects a configuration that is not there, or is a directory", async () => {
    for (const path of [`${folder.path}/nowhere.mjs`, folder.path]) {
      const outcome = await call(["explain", "-", "--config", path], "<a/>");
      expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no such file") });
    }
  });
});
