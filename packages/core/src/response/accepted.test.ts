import { describe, expect, it } from "vitest";
import { createGuard, type ServerRequest } from "../guard/index.js";
import type { WsSecurityResponse } from "../identity/index.js";
import { type Alternative, saml2, saml11, usernameToken, x509 } from "../policy/index.js";
import { soap11Namespace } from "../soap/index.js";
import { createTestCertificate } from "../testing/index.js";
import { secureMessage } from "../wss/index.js";
import { scan } from "../xml/index.js";
import { generateResponses } from "./generate.js";
import { loadResponseKeys } from "./keys.js";
import { PathCache } from "./path-cache.js";

const now = Date.UTC(2026, 10, 22, 12);
const clock = { now: () => now };
const validity = { notBefore: now - 86_400_000, notAfter: now + 86_400_000 };
const agent = createTestCertificate({ subject: "CN=agent", ...validity });
const stranger = createTestCertificate({ subject: "CN=stranger", ...validity });
const alice = createTestCertificate({ subject: "CN=alice", ...validity });
const keys = loadResponseKeys(
  { key: agent.keyPair.privateKey, certificate: agent.certificate, issuer: "urn:agent" },
  "keys",
);
const order = (id: number) =>
  `<s:Envelope xmlns:s="${soap11Namespace}"><s:Body><o:Order xmlns:o="urn:o">${id}</o:Order></s:Body></s:Envelope>`;

/** The message with the header that the response asks for. */
function headed(response: Omit<WsSecurityResponse<string>, "kind">, by = keys): string {
  const { envelope } = generateResponses([{ kind: "ws-security", ...response }], {
    subject: { name: "alice", directory: "staff", level: 5, certificate: alice.der },
    session: {
      id: "s1",
      user: "alice",
      directory: "staff",
      created: now - 1_000,
      lastAccess: now,
      idleSeconds: 600,
      maxSeconds: 3_600,
      level: 5,
    },
    document: scan(Buffer.from(order(1))),
    actor: undefined,
    keys: by,
    paths: new PathCache(),
    encrypted: true,
    passwordsInClear: true,
    now,
  });
  return Buffer.from(envelope ?? "").toString();
}

/** An associated service that takes one way in, and nothing else. */
function service(alternative: Alternative) {
  const guard = createGuard({
    origin: "https://service.example",
    trust: {
      issuers: [{ name: "urn:agent", certificates: [agent.certificate] }],
      certificates: [agent.certificate],
    },
    accept: [alternative],
    clock,
  });
  return async (message: string) => {
    const request: ServerRequest = {
      method: "POST",
      target: "/",
      headers: [["content-type", "text/xml; charset=utf-8"]],
      body: async () => Buffer.from(message),
      transport: { encrypted: true },
      signal: new AbortController().signal,
    };
    const verdict = await guard.admit(request);
    return verdict.kind === "admitted"
      ? verdict.security.principal.name
      : verdict.kind === "answered" && verdict.error?.code;
  };
}

/** The assertion of a header in a new message that somebody signs with their own key. */
function resent(header: string, signer: typeof alice, version: "saml2" | "saml11"): string {
  const assertion = /<(saml2?):Assertion .*<\/\1:Assertion>/s.exec(header)?.[0] ?? "";
  const id = /(?:AssertionID| ID)="([^"]+)"/.exec(assertion)?.[1] ?? "";
  const { envelope } = secureMessage(order(2), {
    tokens: [assertion],
    signatures: [
      { key: signer.keyPair.privateKey, reference: { by: version, id }, parts: ["body", "timestamp"], ids: [id] },
    ],
    clock,
  });
  return Buffer.from(envelope).toString();
}

const audience = "urn:services";

describe("associated services accept what an agent adds", () => {
  it.each([
    ["saml2", saml2],
    ["saml11", saml11],
  ] as const)(
    "R0.10 accepts a %s holder-of-key assertion in a new message of its holder, and nobody else's",
    async (token, accept) => {
      const ask = service(accept({ audience, confirm: "holder-of-key", signed: ["body", "timestamp"] }));
      const header = headed({ token, audience });
      expect(await ask(resent(header, alice, token))).toBe("alice");
      expect(await ask(resent(header, stranger, token))).toMatch(/^ERR_/);
      // The original message is not signed by the holder.
      expect(await ask(header)).toMatch(/^ERR_/);
      expect(await ask(resent(headed({ token, audience: "urn:else" }), alice, token))).toBe("ERR_TOKEN_AUDIENCE");
    },
  );

  it.each([
    ["saml2", saml2],
    ["saml11", saml11],
  ] as const)(
    "R0.10 accepts a %s sender-vouches assertion with the original message, and with no other Body",
    async (token, accept) => {
      const attesters = [agent.certificate];
      const ask = service(accept({ audience, confirm: "sender-vouches", attesters, signed: ["body", "timestamp"] }));
      const response = { token, audience, confirm: "sender-vouches" } as const;
      expect(await ask(headed(response))).toBe("alice");
      expect(await ask(headed({ ...response, signature: "all" }))).toBe("alice");
      expect(await ask(headed(response).replace(">1<", ">2<"))).toBe("ERR_WSS_FAILED_CHECK");
      const others = loadResponseKeys(
        { key: stranger.keyPair.privateKey, certificate: stranger.certificate, issuer: "urn:agent" },
        "keys",
      );
      expect(await ask(headed(response, others))).toMatch(/^ERR_/);
    },
  );

  it("accepts the agent's own signature over the original message, and over no other", async () => {
    const ask = service(x509({ signed: ["body", "timestamp"] }));
    expect(await ask(headed({ token: "x509" }))).toBe("CN=agent");
    expect(await ask(headed({ token: "x509" }).replace(">1<", ">2<"))).toBe("ERR_WSS_FAILED_CHECK");
    // The Timestamp is not covered.
    expect(await ask(headed({ token: "x509", signature: "body" }))).toBe("ERR_POLICY_PART_UNPROTECTED");
  });

  it("A25 accepts a digest token once, and rejects its second use", async () => {
    const ask = service(usernameToken({ secret: () => "pass", over: "transport" }));
    const message = headed({ token: "password-digest", password: "pass" });
    expect(await ask(message)).toBe("alice");
    expect(await ask(message)).toBe("ERR_TOKEN_REPLAYED");
    expect(await ask(headed({ token: "password-digest", password: "other" }))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("accepts a password in clear text, and rejects a wrong one", async () => {
    const ask = service(usernameToken({ verify: (_, password) => password === "pass", over: "transport" }));
    expect(await ask(headed({ token: "password", password: "pass" }))).toBe("alice");
    expect(await ask(headed({ token: "password", password: "other" }))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });
});
