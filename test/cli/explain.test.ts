import { gzipSync } from "node:zlib";
import { SignJWT } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { credentials } from "../support/credentials.js";
import { bearerMessage, usernameMessage, x509Message } from "../support/messages.js";
import { call, createFolder, lastLine, pem } from "./invocation.js";

const folder = createFolder();
afterAll(() => folder.remove());

const { signer, other, issuer, elliptic } = credentials();
folder.write("alice.pem", pem(signer.certificate));
folder.write("sts.pem", pem(issuer.certificate));
folder.write("idp.pem", pem(elliptic.certificate));

const x509Config = folder.write(
  "x509.json",
  JSON.stringify({ origin: "https://orders.example", trust: { certificates: ["alice.pem"] }, accept: [{ x509: {} }] }),
);
const samlConfig = folder.write(
  "saml.json",
  JSON.stringify({
    origin: "https://orders.example",
    trust: { issuers: [{ name: "urn:sts", certificates: ["sts.pem"] }] },
    accept: [{ saml2: { audience: "urn:orders", confirm: "bearer", over: "transport" } }],
    require: { claims: [{ role: ["clerk"] }] },
  }),
);
const jwtConfig = folder.write(
  "jwt.json",
  JSON.stringify({
    origin: "https://orders.example",
    accept: [{ jwt: { issuer: "urn:idp", audience: "urn:orders", keys: "idp.pem", over: "transport" } }],
  }),
);
const passwordConfig = folder.write(
  "password.mjs",
  `import { usernameToken } from "@countersign/core";
   export default {
     origin: "https://orders.example",
     accept: [usernameToken({ over: "transport", verify: (name, password) => name === "alice" && password === "hunter2" })],
   };`,
);

const explain = async (message: string | Uint8Array, ...words: readonly string[]) => {
  const outcome = await call(["explain", "-", "--json", ...words], message);
  expect(outcome.stderr).toBe("");
  return { ...outcome, told: lastLine<Record<string, unknown>>(outcome) };
};

describe("countersign explain with a configuration", () => {
  it("accepts a signed message and says who signed what", async () => {
    const { code, told, stdout } = await explain(x509Message({ signer }).text, "--config", x509Config);
    expect(told).toMatchObject({
      verdict: "admitted",
      principal: "CN=alice,O=Example",
      proof: "signature",
      alternative: 0,
      parts: { body: "CN=alice,O=Example", timestamp: "CN=alice,O=Example" },
      configured: true,
    });
    expect(code).toBe(0);
    expect(stdout).toContain("signed by CN=alice,O=Example, verified");
  });

  it("accepts the same message twice: nothing outside is marked as used", async () => {
    const { text } = x509Message({ signer });
    for (const _ of [1, 2]) expect((await explain(text, "--config", x509Config)).code).toBe(0);
  });

  it.each<[string, (text: string) => string, string]>([
    ["a changed Body", (text) => text.replace("</soap:Body>", " </soap:Body>"), "ERR_WSS_FAILED_CHECK"],
    [
      "a second Body",
      (text) => text.replace("</soap:Envelope>", "<soap:Body/></soap:Envelope>"),
      "ERR_WSS_INVALID_SECURITY",
    ],
    ["a processing instruction", (text) => text.replace("<soap:Body", "<?x y?><soap:Body"), "ERR_XML_FORBIDDEN"],
    ["an unclosed element", (text) => text.replace("</soap:Envelope>", ""), "ERR_XML_MALFORMED"],
  ])("rejects %s with its code, place and remedy", async (_, change, code) => {
    const { code: exit, told, stdout } = await explain(change(x509Message({ signer }).text), "--config", x509Config);
    expect(told).toMatchObject({ verdict: "refused", code, remedy: expect.any(String) });
    expect(told.place).toEqual({ line: expect.any(Number), column: expect.any(Number), path: expect.any(String) });
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^ {2}\d+ \| .*\n +\^$/m);
  });

  it("rejects another signer with ERR_WSS_FAILED_CHECK at its signature", async () => {
    const { told } = await explain(x509Message({ signer: other }).text, "--config", x509Config);
    expect(told).toMatchObject({
      code: "ERR_WSS_FAILED_CHECK",
      remedy: expect.stringContaining("trust.certificates"),
      place: { path: expect.stringMatching(/\/ds:Signature$/) },
    });
  });

  it("accepts at one time what it rejects at another with ERR_WSS_MESSAGE_EXPIRED", async () => {
    const { text } = x509Message({ signer, now: new Date("2026-11-22T10:00:00Z") });
    const at = (time: string) => explain(text, "--config", x509Config, "--at", time);
    // The certificate is of today.
    const today = new Date(Date.now() - 60_000);
    const fresh = x509Message({ signer, now: today }).text;
    const moment = new Date(today.getTime() + 1_000).toISOString();
    expect((await explain(fresh, "--config", x509Config, "--at", moment)).code).toBe(0);
    expect((await at("2026-11-22T11:00:00Z")).told).toMatchObject({ code: "ERR_WSS_MESSAGE_EXPIRED" });
  });

  it("accepts a bearer assertion over TLS, and rejects it over a plain connection with ERR_WSS_INVALID_SECURITY", async () => {
    const assertion = { issuer: "urn:sts", issuedBy: issuer, audience: "urn:orders", attributes: { role: ["clerk"] } };
    const { text } = bearerMessage({ assertion });
    expect((await explain(text, "--config", samlConfig)).told).toMatchObject({
      verdict: "admitted",
      parts: { body: "transport" },
    });
    expect((await explain(text, "--config", samlConfig, "--no-tls")).told).toMatchObject({
      code: "ERR_WSS_INVALID_SECURITY",
    });
  });

  it("accepts a password and rejects a wrong one, and shows neither", async () => {
    for (const [password, verdict] of [
      ["hunter2", "admitted"],
      ["hunter3", "refused"],
    ] as const) {
      const { text } = usernameMessage({ username: "alice", password });
      expect(text).toContain(password);
      const { told, stdout } = await explain(text, "--config", passwordConfig);
      expect(told).toMatchObject({ verdict });
      expect(stdout).not.toContain(password);
      expect(stdout).toContain("password: in clear text (not shown)");
      // Nor where the line with the password is the one that is broken.
      const broken = await explain(
        text.replace("</wsse:Password>", "</wsse:Password><x/>"),
        "--config",
        passwordConfig,
      );
      expect(broken.told).toMatchObject({ verdict: "refused" });
      expect(broken.stdout).not.toContain(password);
    }
  });

  it("accepts a bearer JWT in a request, rejects one for others, and shows the token in neither case", async () => {
    for (const [audience, verdict] of [
      ["urn:orders", "admitted"],
      ["urn:payroll", "refused"],
    ] as const) {
      const token = await new SignJWT({ role: "clerk" })
        .setProtectedHeader({ alg: "ES256" })
        .setIssuer("urn:idp")
        .setAudience(audience)
        .setSubject("carol")
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(elliptic.privateKey);
      const request = `GET /reports HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      const { told, stdout } = await explain(request, "--config", jwtConfig);
      expect(told).toMatchObject({ verdict });
      expect(stdout).toContain("JWT of urn:idp for carol, ES256");
      expect(stdout).not.toContain(token.split(".")[2]);
    }
  });

  it("accepts a gzipped request whose line numbers are those of the file", async () => {
    const { text } = x509Message({ signer });
    const head = "POST / HTTP/1.1\nContent-Type: text/xml\nContent-Encoding: gzip\n\n";
    const request = (message: string) => Buffer.concat([Buffer.from(head), gzipSync(message)]);
    expect((await explain(request(text), "--config", x509Config)).told).toMatchObject({ verdict: "admitted" });
    const { told, stdout } = await explain(
      request(text.replace("</soap:Body>", " </soap:Body>")),
      "--config",
      x509Config,
    );
    expect(told).toMatchObject({ place: { line: 1 }, file: { name: "stdin", line: 5 } });
    expect(stdout).toContain("stdin:5:");
  });

  it("rejects another media type with ERR_HTTP_MEDIA_TYPE where a header says so", async () => {
    const { text } = x509Message({ signer });
    const words = ["--config", x509Config, "--header", "Content-Type: application/soap+xml"];
    expect((await explain(text, ...words)).told).toMatchObject({
      code: "ERR_HTTP_MEDIA_TYPE",
      place: null,
      status: 415,
    });
  });

  it("accepts UTF-16 with a byte order mark, and rejects it mutated at the right line", async () => {
    const message = x509Message({ signer }).text;
    const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
    expect((await explain(utf16(message), "--config", x509Config)).code).toBe(0);
    const { stdout } = await explain(
      utf16(message.replace("</soap:Envelope>", "</soap:Envelop>")),
      "--config",
      x509Config,
    );
    expect(stdout).toContain("</soap:Envelop>");
  });

  it("rejects 20 MiB with ERR_HTTP_TOO_LARGE, promptly", async () => {
    const started = performance.now();
    const { told } = await explain(`<a>${"b".repeat(20 << 20)}</a>`, "--config", x509Config);
    expect(told).toMatchObject({ verdict: "refused", code: "ERR_HTTP_TOO_LARGE" });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe("countersign explain without a configuration", () => {
  it("rejects to decide about a message whose shape is right, and says why", async () => {
    const { code, told, stdout } = await explain(x509Message({ signer }).text);
    expect(told).toMatchObject({ verdict: "undecided", code: null, configured: false });
    expect(code).toBe(1);
    expect(stdout).toContain("No trust was configured");
    expect(stdout).toContain("covered by signature 1, not verified");
    expect(stdout).not.toContain(", verified\n");
  });

  it.each<[string, string, string]>([
    ["a DTD", `<!DOCTYPE a>${x509Message({ signer }).text}`, "ERR_XML_FORBIDDEN"],
    ["SHA-1", x509Message({ signer, algorithm: "rsa-sha1" }).text, "ERR_WSS_UNSUPPORTED_ALGORITHM"],
    ["no envelope", "<a/>", "ERR_SOAP_INVALID"],
    ["too much", `<a>${"b".repeat(2 << 20)}</a>`, "ERR_HTTP_TOO_LARGE"],
    ["a broken JWT", "GET / HTTP/1.1\nAuthorization: Bearer a.b\n\n", "ERR_TOKEN_MALFORMED"],
  ])("rejects %s, which no trust could mend", async (_, message, code) => {
    expect((await explain(message)).told).toMatchObject({ verdict: "refused", code, configured: false });
  });

  it("shows values of strangers without control characters", async () => {
    const { stdout } = await explain(
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a>\u009b31m\u202e</a></s:Body></s:Envelope>',
    );
    expect(stdout).toContain("\\u009b31m\\u202e");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it("shows the first elements of a long message, or all with --full", async () => {
    const items = "<i/>".repeat(500);
    const message = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${items}</s:Body></s:Envelope>`;
    expect((await explain(message)).stdout).toContain("442 more elements");
    expect((await explain(message, "--full")).stdout.match(/^ +i$/gm)).toHaveLength(500);
  });
});
