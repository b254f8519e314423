import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { passwordFile } from "./password-file.js";
import { hashPassword, parsePasswordHash } from "./password-hash.js";

const folder = mkdtempSync(join(tmpdir(), "passwords-"));
const path = join(folder, "people.json");
let alice: string;
let bob: string;

/** Replaces the file as an operator does: in one step. */
function put(content: unknown): void {
  const next = join(folder, "next.json");
  writeFileSync(next, typeof content === "string" ? content : JSON.stringify(content));
  renameSync(next, path);
}

beforeAll(async () => {
  [alice, bob] = (await Promise.all([hashPassword("wonderland"), hashPassword("builder")])) as [string, string];
});
beforeEach(() =>
  put({ alice: { password: alice, name: "alice@example", claims: { role: ["clerk"] } }, bob: { password: bob } }),
);
afterAll(() => rmSync(folder, { recursive: true }));

describe("a password file", () => {
  it("accepts a password, and tells name and claims", async () => {
    const provider = passwordFile({ path });
    expect(await provider.authenticate("alice", "wonderland")).toEqual({
      name: "alice@example",
      claims: { role: ["clerk"] },
    });
    expect(await provider.authenticate("bob", "builder")).toMatchObject({ name: "bob" });
  });

  it.each([
    ["a wrong password", "alice", "Wonderland"],
    ["the password of another", "alice", "builder"],
    ["an unknown name", "mallory", "wonderland"],
    ["a name of Object.prototype", "constructor", "wonderland"],
    ["the empty password", "alice", ""],
    ["a password longer than 1,024", "alice", "w".repeat(1025)],
  ])("rejects %s", async (_, name, password) => {
    expect(await passwordFile({ path }).authenticate(name, password)).toBeUndefined();
  });

  it("tells what changed at once", async () => {
    const provider = passwordFile({ path });
    expect(await provider.authenticate("alice", "wonderland")).toBeDefined();
    put({ alice: { password: bob } });
    expect(await provider.authenticate("alice", "wonderland")).toBeUndefined();
    expect(await provider.authenticate("alice", "builder")).toMatchObject({ name: "alice" });
    put({});
    expect(await provider.authenticate("alice", "builder")).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["is no JSON", "{"],
    ["has a clear-text password", { alice: { password: "wonderland" } }],
    ["has a cheap hash", () => ({ alice: { password: alice.replace("ln=15", "ln=10") } })],
    ["has a hash that would take all memory", () => ({ alice: { password: alice.replace("ln=15", "ln=24") } })],
    ["says more than is understood", () => ({ alice: { password: alice, admin: true } })],
  ])("rejects everybody with ERR_UNAVAILABLE while the file %s, and shows nothing of it", async (_, content) => {
    const provider = passwordFile({ path });
    expect(await provider.authenticate("bob", "builder")).toBeDefined();
    put(typeof content === "function" ? content() : content);
    const error = await Promise.resolve(provider.authenticate("bob", "builder")).catch((reason) => reason);
    expect(error).toMatchObject({ code: "ERR_UNAVAILABLE" });
    expect(String(error.reason)).not.toMatch(/wonderland|\$scrypt/);
    rmSync(path);
    await expect(provider.authenticate("bob", "builder")).rejects.toMatchObject({ code: "ERR_UNAVAILABLE" });
  });

  it("turns away what is beyond those that are hashed and those that wait", async () => {
    const provider = passwordFile({ path, maxConcurrent: 1 });
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => provider.authenticate("alice", "wonderland")),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });

  it("rejects wrong options at start with their path", () => {
    expect(() => passwordFile({ path: "" })).toThrow(expect.objectContaining({ option: "path" }));
    expect(() => passwordFile({ path, maxConcurrent: 0 })).toThrow(
      expect.objectContaining({ option: "maxConcurrent" }),
    );
  });
});

describe("hashes", () => {
  it("accepts what it made, each with a salt of its own, and rejects what is cut or malformed", async () => {
    expect(parsePasswordHash(alice)).toMatchObject({ ln: 15, r: 8, p: 1 });
    expect(await hashPassword("wonderland")).not.toBe(alice);
    for (const wrong of [alice.slice(0, -1), `${alice}A`, alice.replace("scrypt", "argon2id"), "", "$2b$10$x"])
      expect(parsePasswordHash(wrong)).toBeUndefined();
    await expect(hashPassword("")).rejects.toThrow(RangeError);
  });
});
