import { connect, createServer } from "node:net";
import { allowInsecureTransport } from "@countersign/core";
import { createTestAuthority } from "@countersign/core/testing";
import { type LdapOptions, ldapIdentityProvider } from "@countersign/ldap";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { requireProgram } from "../require/external.js";
import { directoryBase, directoryCa, Slapd, searcher } from "../support/slapd.js";

const people = `ou=people,${directoryBase}`;
const users = { as: searcher, base: people };
const roles = { base: `ou=groups,${directoryBase}`, claim: "role" };
const outage = { code: "ERR_UNAVAILABLE" };

requireProgram("slapd").describe("a directory as the identity provider", () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await Slapd.start();
    const mail = ["alice@example.org", "a.liddell@example.org"];
    await slapd.put({ uid: "alice", password: "wonderland", mail, groups: ["clerks", "auditors"] });
    await slapd.put({ uid: "bob", password: "builder" });
    await slapd.put({ uid: "carol" });
    await slapd.put({ uid: ["twin", "dave"], password: "double" });
    await slapd.put({ uid: "twin", password: "double" }, `cn=another twin,${people}`);
    await slapd.put({ uid: "o*(r),#+e=\\y", password: "odd" }, `uid=o\\2a(r)\\2c#\\2be\\3d\\5cy,${people}`);
    await slapd.put({ uid: "ümlaut", password: "gr\u00fcn" });
  }, 60_000);
  afterAll(() => slapd.close());

  const provider = (options: Partial<LdapOptions> = {}) =>
    ldapIdentityProvider({ url: slapd.tlsUrl, tls: { ca: directoryCa }, users, ...options });

  it("accepts a password, and gives name, attributes and groups as claims", async () => {
    const claims = { "urn:mail": "mail", "urn:phone": "telephoneNumber" };
    const identity = await provider({ claims, groups: roles }).authenticate("alice", "wonderland");
    expect(identity).toEqual({
      name: "alice",
      claims: {
        "urn:mail": ["alice@example.org", "a.liddell@example.org"],
        role: expect.toSatisfy((values: string[]) => values.toSorted().join() === "auditors,clerks"),
      },
    });
  });

  it.each([
    ["a wrong password", "alice", "looking-glass"],
    ["an unknown name", "mallory", "wonderland"],
    ["no password, which a directory takes as a bind of nobody", "alice", ""],
    ["no name", "", "wonderland"],
    ["a name with NUL", "alice\0", "wonderland"],
    ["a name longer than 256", "a".repeat(257), "wonderland"],
    ["a password longer than 1,024", "alice", "w".repeat(1025)],
    ["an entry without a password", "carol", "anything"],
    ["a name that two entries have", "twin", "double"],
    ["an entry with two names", "dave", "double"],
    ["a wildcard", "al*", "wonderland"],
    ["a filter", "alice)(uid=*", "wonderland"],
    ["a filter that is true of all", "*)(|(objectClass=*)", "wonderland"],
    ["an escape of a filter", "al\\69ce", "wonderland"],
    ["a placeholder", "{name}", "wonderland"],
  ])("rejects %s", async (_, name, password) => {
    expect(await provider({ groups: roles }).authenticate(name, password)).toBeUndefined();
  });

  it.each([
    ["o*(r),#+e=\\y", "odd"],
    ["ümlaut", "gr\u00fcn"],
  ])("accepts %s as a name, by search and as part of a distinguished name", async (name, password) => {
    const pattern = { dn: `uid={name},${people}` };
    for (const options of [{}, { users: pattern }]) {
      expect(await provider(options).authenticate(name, password)).toMatchObject({ name });
      expect(await provider(options).authenticate(name, `${password}!`)).toBeUndefined();
    }
  });

  it.each([
    ["another entry", "alice,cn=another twin", "double"],
    ["a second attribute", "alice+cn=alice", "wonderland"],
    ["an escape", "alic\\65", "wonderland"],
    ["an unknown name", "mallory", "wonderland"],
  ])("rejects %s as part of a distinguished name", async (_, name, password) => {
    const options = { users: { dn: `uid={name},${people}` } };
    expect(await provider(options).authenticate("alice", "wonderland")).toMatchObject({ name: "alice" });
    expect(await provider(options).authenticate(name, password)).toBeUndefined();
  });

  it("gives the name that the directory has, however it was typed", async () => {
    expect(await provider().authenticate("ALICE", "wonderland")).toMatchObject({ name: "alice" });
    expect(await provider().authenticate("ALICE", "WONDERLAND")).toBeUndefined();
  });

  it("accepts over a connection turned into TLS, and rejects a certificate of somebody else as an outage", async () => {
    const stranger = createTestAuthority({ subject: "CN=Stranger" }).certificate;
    for (const options of [{ url: slapd.url, startTls: true }, {}]) {
      expect(await provider(options).authenticate("bob", "builder")).toMatchObject({ name: "bob" });
      const strange = provider({ ...options, tls: { ca: stranger } });
      await expect(strange.authenticate("bob", "builder")).rejects.toMatchObject(outage);
      const misnamed = provider({ ...options, tls: { ca: directoryCa, servername: "ldap.example" } });
      await expect(misnamed.authenticate("bob", "builder")).rejects.toMatchObject(outage);
    }
  });

  it("rejects everybody with ERR_UNAVAILABLE where the searching account is refused, never as a wrong password", async () => {
    const mistaken = provider({ users: { ...users, as: { ...searcher, password: "wrong" } } });
    await expect(mistaken.authenticate("alice", "wonderland")).rejects.toMatchObject(outage);
  });

  it("tells what changed in the directory at once", async () => {
    const directory = provider({ claims: { "urn:mail": "mail" } });
    expect(await directory.authenticate("eve", "apple")).toBeUndefined();
    await slapd.put({ uid: "eve", password: "apple", mail: ["eve@example.org"] });
    expect(await directory.authenticate("eve", "apple")).toMatchObject({ claims: { "urn:mail": ["eve@example.org"] } });
    await slapd.put({ uid: "eve", password: "pear" });
    expect(await directory.authenticate("eve", "apple")).toBeUndefined();
    expect(await directory.authenticate("eve", "pear")).toEqual({ name: "eve", claims: {} });
    await slapd.remove("eve");
    expect(await directory.authenticate("eve", "pear")).toBeUndefined();
  });

  it("rejects with ERR_UNAVAILABLE within its time while the directory hangs, and accepts again afterwards", async () => {
    const directory = provider({ timeoutSeconds: 0.5 });
    const open = provider({ timeoutSeconds: 0.5, url: slapd.url, startTls: true });
    slapd.hang();
    onTestFinished(() => slapd.resume());
    for (const hanging of [directory, open]) {
      const from = performance.now();
      await expect(hanging.authenticate("alice", "wonderland")).rejects.toMatchObject(outage);
      expect(performance.now() - from).toBeLessThan(5_000);
    }
    await slapd.resume();
    expect(await directory.authenticate("alice", "wonderland")).toMatchObject({ name: "alice" });
    expect(await directory.authenticate("alice", "looking-glass")).toBeUndefined();
  });

  it("asks the next server while one is gone, and leaves that one alone for a while", async () => {
    let connections = 0;
    const broken = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void broken.close());
    const address = broken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const directory = provider({ url: [`ldaps://127.0.0.1:${port}`, slapd.tlsUrl] });
    for (let times = 0; times < 8; times++) {
      expect(await directory.authenticate("alice", "wonderland")).toMatchObject({ name: "alice" });
      expect(await directory.authenticate("alice", "looking-glass")).toBeUndefined();
    }
    expect(connections).toBe(3);
  });

  it("turns away what is beyond its connections and as many that wait", async () => {
    const directory = provider({ timeoutSeconds: 1, maxConnections: 2 });
    slapd.hang();
    onTestFinished(() => slapd.resume());
    const from = performance.now();
    const answers = Array.from({ length: 10 }, () =>
      directory.authenticate("alice", "wonderland").then(
        () => Number.NaN,
        (error) => (error.code === "ERR_UNAVAILABLE" ? performance.now() - from : Number.NaN),
      ),
    );
    const times = await Promise.all(answers);
    expect(times).not.toContain(Number.NaN);
    expect(times.filter((time) => time < 500)).toHaveLength(6);
  });

  it("does the same for names that are there and names that are not", async () => {
    const seen: string[] = [];
    const tap = createServer((near) => {
      const far = connect(Number(new URL(slapd.url).port), "127.0.0.1");
      let requests = 0;
      near.on("data", () => requests++);
      near.on("close", () => seen.push(String(requests)));
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => tap.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void tap.close());
    const address = tap.address();
    const url = `ldap://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const directory = provider({ url, tls: undefined, groups: roles, [allowInsecureTransport]: true });
    for (const name of ["alice", "mallory", "twin"]) await directory.authenticate(name, "looking-glass");
    await expect.poll(() => seen.length).toBe(3);
    expect(new Set(seen).size).toBe(1);
  });
});

describe("options of a directory", () => {
  const url = "ldaps://directory.example";
  const refused = (options: unknown) => {
    try {
      ldapIdentityProvider(options as LdapOptions);
    } catch (error) {
      return error as { code?: string; option?: string };
    }
    return {};
  };

  it("accepts what is whole", () => {
    expect(refused({ url, users })).toEqual({});
    expect(refused({ url: "ldap://directory.example", startTls: true, users: { dn: "uid={name}" } })).toEqual({});
  });

  it.each<[string, unknown]>([
    ["url", { url: "https://directory.example", users }],
    ["url", { url: "ldaps://directory.example/dc=example", users }],
    ["url", { url: "ldap://directory.example", users }],
    ["url[1]", { url: [url, "ldap://directory.example"], users }],
    ["url", { url, startTls: true, users }],
    ["users", { url, users: { as: { dn: "cn=x", password: "" }, base: people } }],
    ["users", { url, users: { ...users, filter: "(uid=*)" } }],
    ["users", { url, users: { ...users, filter: "uid={name}" } }],
    ["users", { url, users: { dn: `uid=alice,${people}` } }],
    ["groups.filter", { url, users, groups: { ...roles, filter: "(cn=*)" } }],
    ["groups.claim", { url, users, claims: { role: "title" }, groups: roles }],
    ["claims.role", { url, users, claims: { role: "no attribute" } }],
    ["timeoutSeconds", { url, users, timeoutSeconds: 0 }],
    ["maxConnections", { url, users, maxConnections: 0 }],
    ["tls", { url, users, tls: { rejectUnauthorized: false } }],
  ])("rejects a wrong %s at start with its path", (option, options) => {
    const error = refused(options);
    expect(error.code).toMatch(/^ERR_CONFIG_/);
    expect(error.option?.startsWith(option)).toBe(true);
  });
});
