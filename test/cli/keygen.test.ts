import { createPrivateKey, X509Certificate } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { call, createFolder } from "./invocation.js";

const folder = createFolder();
afterAll(() => folder.remove());

const names = [
  ".gitignore",
  "ca.key.pem",
  "ca.pem",
  "client.key.pem",
  "client.pem",
  "service.key.pem",
  "service.pem",
  "settings.js",
];
const keygen = (...words: readonly string[]) => call(["keygen", ...words]);

describe("countersign keygen", () => {
  it.each([
    ["rsa", "rsa"],
    ["ec", "ec"],
    ["ed25519", "ed25519"],
  ])(
    "accepts --type %s: keys that belong to certificates of the authority, private keys for the owner alone",
    async (type, made) => {
      const out = join(folder.path, type);
      const before = process.umask(0o000);
      const outcome = await keygen("--out", out, "--type", type, "--days", "7", "--host", "orders.example");
      process.umask(before);
      expect(outcome).toMatchObject({ code: 0, stderr: "" });
      expect(readdirSync(out).sort()).toEqual(names);
      expect(statSync(out).mode & 0o777).toBe(0o700);
      const read = (name: string) => readFileSync(join(out, name), "utf8");
      const authority = new X509Certificate(read("ca.pem"));
      for (const name of ["ca", "service", "client"]) {
        expect(statSync(join(out, `${name}.key.pem`)).mode & 0o777).toBe(0o600);
        const certificate = new X509Certificate(read(`${name}.pem`));
        const key = createPrivateKey(read(`${name}.key.pem`));
        expect(key.asymmetricKeyType).toBe(made);
        expect(certificate.checkPrivateKey(key)).toBe(true);
        expect(certificate.verify(authority.publicKey)).toBe(true);
        expect(certificate.ca).toBe(name === "ca");
        const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
        expect(days).toBeGreaterThan(6.9);
        expect(days).toBeLessThan(7.1);
      }
      expect(new X509Certificate(read("service.pem")).checkHost("orders.example")).toBe("orders.example");
      expect(outcome.stdout).not.toContain("PRIVATE");
    },
  );

  it("rejects to overwrite, unless --force is given; then it follows no link and keeps no mode", async () => {
    const out = join(folder.path, "twice");
    await keygen("--out", out, "--type", "ec");
    const first = readFileSync(join(out, "client.key.pem"), "utf8");
    const again = await keygen("--out", out, "--type", "ec");
    expect(again).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--force") });
    expect(readFileSync(join(out, "client.key.pem"), "utf8")).toBe(first);

    const elsewhere = folder.write("elsewhere.txt", "mine");
    const linked = join(folder.path, "linked");
    await keygen("--out", linked, "--type", "ec");
    writeFileSync(join(linked, "ca.key.pem"), "old", { mode: 0o666 });
    const target = join(linked, "client.key.pem");
    rmSync(target);
    symlinkSync(elsewhere, target);
    expect((await keygen("--out", linked, "--type", "ec", "--force")).code).toBe(0);
    expect(readFileSync(elsewhere, "utf8")).toBe("mine");
    expect(lstatSync(target).isSymbolicLink()).toBe(false);
    expect(statSync(join(linked, "ca.key.pem")).mode & 0o777).toBe(0o600);
  });

  it.each([
    [["--name", "../evil"], "--name"],
    [["--name", "ca"], "--name"],
    [["--name", "a,O=b"], "--name"],
    [["--type", "dsa"], "--type"],
    [["--days", "0"], "--days"],
    [["--days", "4000"], "--days"],
    [["--host", "a b"], "--host"],
  ])("rejects %j with exit code 2, and writes nothing", async (words, option) => {
    const out = join(folder.path, `wrong-${words.join("-").replace(/\W/g, "")}`);
    const outcome = await keygen("--out", out, ...words);
    expect(outcome).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(option) });
    expect(() => statSync(out)).toThrow();
  });

  it("rejects a directory that is a file", async () => {
    const file = folder.write("file", "");
    expect(await keygen("--out", file, "--type", "ec")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("cannot be written"),
    });
  });
});
