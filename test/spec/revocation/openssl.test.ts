import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditEvent, createGuard, type GuardOptions, type RevocationOptions, x509 } from "@countersign/core";
import { crypto, testKeyPair } from "@countersign/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requireProgram } from "../../require/external.js";
import type { Signer } from "../../support/credentials.js";
import { x509Message } from "../../support/messages.js";
import { type RevocationSource, startRevocationSource } from "../../support/revocation-source.js";

const openssl = requireProgram("openssl");

/*
 * A real authority: `openssl ca` issues, revokes and publishes lists, `openssl ocsp` answers.
 */

const configuration = (folder: string, responder: string, list: string) => `
[ca]
default_ca = authority
[authority]
database = ${folder}/index.txt
serial = ${folder}/serial
crlnumber = ${folder}/crlnumber
new_certs_dir = ${folder}
certificate = ${folder}/ca.pem
private_key = ${folder}/ca.key
default_md = sha256
default_days = 30
default_crl_days = 7
policy = policy
unique_subject = no
crl_extensions = list
[policy]
organizationName = supplied
commonName = supplied
[list]
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:${list}/list
authorityInfoAccess = OCSP;URI:${responder}
[responder]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
[careless]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
`;

openssl.describe("revocation as openssl ca and openssl ocsp tell it", () => {
  const folder = mkdtempSync(join(tmpdir(), "openssl-"));
  const path = (name: string) => join(folder, name);
  let source: RevocationSource;
  let port: number;
  let responder: ChildProcess | undefined;

  const run = (...parameters: readonly string[]) => {
    const { status, stderr } = spawnSync("openssl", parameters, { cwd: folder, encoding: "utf8" });
    expect(status, stderr).toBe(0);
  };
  const ca = (...parameters: readonly string[]) => run("ca", "-batch", "-config", path("ca.cnf"), ...parameters);

  /** Has the authority issue a certificate, with the key of the messages. */
  function issue(name: string, extensions = "signer"): Signer & { readonly file: string } {
    const keyPair = testKeyPair("rsa", "openssl signer");
    writeFileSync(path("signer.key"), keyPair.privateKey.export({ type: "pkcs8", format: "pem" }));
    run("req", "-new", "-key", path("signer.key"), "-subj", `/O=Example/CN=${name}`, "-out", path(`${name}.csr`));
    ca("-extensions", extensions, "-in", path(`${name}.csr`), "-out", path(`${name}.pem`), "-notext");
    const { der } = crypto.Certificate.load(readFileSync(path(`${name}.pem`)), name);
    return { ...keyPair, certificate: der, file: path(`${name}.pem`) };
  }

  const revoke = ({ file }: { readonly file: string }, reason: string) => ca("-revoke", file, "-crl_reason", reason);
  const list = () => {
    ca("-gencrl", "-out", path("list.pem"));
    return readFileSync(path("list.pem"));
  };

  /** Starts the responder on the authority's records as they are now. */
  async function answer(signer: string, key: string): Promise<void> {
    await stop();
    const parameters = [
      "-index",
      path("index.txt"),
      "-CA",
      path("ca.pem"),
      "-rsigner",
      path(signer),
      "-rkey",
      path(key),
    ];
    responder = spawn("openssl", ["ocsp", "-port", String(port), ...parameters, "-nmin", "60"], { cwd: folder });
    let said = "";
    for (const stream of [responder.stdout, responder.stderr]) stream?.on("data", (text) => (said += text));
    await expect.poll(() => said, { timeout: 10_000 }).toContain("aiting for OCSP client connections");
  }

  async function stop(): Promise<void> {
    if (responder === undefined) return;
    const ended = once(responder, "exit");
    responder.kill("SIGKILL");
    await ended;
    responder = undefined;
  }

  /** The outcome of a message by the signer: "admitted", or the code of the refusal. */
  async function outcome(revocation: RevocationOptions, signer: Signer): Promise<string | undefined> {
    let record: AuditEvent | undefined;
    const options: GuardOptions = {
      origin: "https://orders.example",
      trust: { authorities: [readFileSync(path("ca.pem"))], revocation },
      accept: [x509({ subjects: [({ text }) => text.endsWith(",O=Example")] })],
      audit: (event) => {
        record = event;
      },
    };
    const { bytes } = x509Message({ signer });
    await createGuard(options).admit({
      method: "POST",
      target: "/",
      headers: [["content-type", "text/xml"]],
      body: async () => bytes,
      transport: { encrypted: true, remoteAddress: "192.0.2.1" },
      signal: new AbortController().signal,
    });
    return record?.error?.code ?? record?.outcome;
  }

  beforeAll(async () => {
    source = await startRevocationSource();
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    port = (probe.address() as { port: number }).port;
    await new Promise((resolve) => probe.close(resolve));
    mkdirSync(folder, { recursive: true });
    writeFileSync(path("ca.cnf"), configuration(folder, `http://127.0.0.1:${port}`, source.origin));
    for (const [name, text] of [
      ["index.txt", ""],
      ["serial", "00f0"],
      ["crlnumber", "01"],
    ])
      writeFileSync(path(name as string), text as string);
    run("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path("ca.key"));
    const root = ["-x509", "-config", path("ca.cnf"), "-extensions", "root", "-subj", "/O=Example/CN=OpenSSL CA"];
    run("req", "-new", ...root, "-key", path("ca.key"), "-days", "365", "-out", path("ca.pem"));
  }, 60_000);
  afterAll(async () => {
    await stop();
    source.close();
    rmSync(folder, { recursive: true });
  });

  it("accepts a signer who is not on the list, and rejects one who is with ERR_TOKEN_REVOKED", async () => {
    const [alice, bob] = [issue("alice"), issue("bob")];
    expect(await outcome({ mode: "crl", crls: [list()] }, bob)).toBe("admitted");
    revoke(bob, "keyCompromise");
    const revocation: RevocationOptions = { mode: "crl", crls: [list()] };
    expect(await outcome(revocation, alice)).toBe("admitted");
    expect(await outcome(revocation, bob)).toBe("ERR_TOKEN_REVOKED");
  }, 60_000);

  it("accepts and rejects by the list that the certificate names", async () => {
    const [carol, dave] = [issue("carol"), issue("dave")];
    revoke(dave, "certificateHold");
    list();
    run("crl", "-in", path("list.pem"), "-outform", "DER", "-out", path("list.der"));
    source.respond = () => readFileSync(path("list.der"));
    const revocation: RevocationOptions = { mode: "crl", fetch: { allow: [source.origin] } };
    expect(await outcome(revocation, carol)).toBe("admitted");
    expect(await outcome(revocation, dave)).toBe("ERR_TOKEN_REVOKED");
  }, 60_000);

  it("accepts and rejects by the responder, the authority itself or one that it vouches for", async () => {
    const [erin, frank] = [issue("erin"), issue("frank")];
    revoke(frank, "superseded");
    const revocation = (nonce: boolean): RevocationOptions => ({
      mode: "ocsp",
      fetch: { allow: [`http://127.0.0.1:${port}`], nonce },
    });
    issue("responder", "responder");
    for (const [signer, key] of [
      ["ca.pem", "ca.key"],
      ["responder.pem", "signer.key"],
    ] as const) {
      await answer(signer, key);
      for (const nonce of [true, false]) {
        expect(await outcome(revocation(nonce), erin)).toBe("admitted");
        expect(await outcome(revocation(nonce), frank)).toBe("ERR_TOKEN_REVOKED");
      }
    }
    issue("careless", "careless");
    await answer("careless.pem", "signer.key");
    expect(await outcome(revocation(true), erin)).toBe("ERR_UNAVAILABLE");
    await stop();
    expect(await outcome(revocation(true), erin)).toBe("ERR_UNAVAILABLE");
  }, 120_000);

  it("rejects a certificate that the responder has no record of with ERR_WSS_INVALID_TOKEN", async () => {
    const known = issue("grace");
    const records = readFileSync(path("index.txt"), "utf8");
    writeFileSync(
      path("index.txt"),
      records
        .split("\n")
        .filter((line) => !line.includes("CN=grace"))
        .join("\n"),
    );
    await answer("ca.pem", "ca.key");
    const revocation: RevocationOptions = { mode: "ocsp", fetch: { allow: [`http://127.0.0.1:${port}`] } };
    expect(await outcome(revocation, known)).toBe("ERR_WSS_INVALID_TOKEN");
    writeFileSync(path("index.txt"), records);
    await answer("ca.pem", "ca.key");
    expect(await outcome(revocation, known)).toBe("admitted");
  }, 60_000);
});
