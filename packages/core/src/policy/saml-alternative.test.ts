import { describe, expect, it } from "vitest";
import { createGuard, type Transport } from "../guard/index.js";
import { createTestCertificate } from "../testing/index.js";
import { issueAssertion } from "../tokens/saml/index.js";
import { secureMessage } from "../wss/index.js";
import { saml2 } from "./accept.js";

const now = Math.floor(Date.now() / 1000) * 1000;
const issuer = "https://sts.example";
const audience = "urn:orders";
const validity = { notBefore: now - 86_400_000, notAfter: now + 86_400_000 };
const sts = createTestCertificate({ subject: "CN=sts", ...validity });
const gateway = createTestCertificate({ subject: "CN=gateway", ...validity });
const stranger = createTestCertificate({ subject: "CN=stranger", ...validity });

const assertion = (method: "bearer" | "sender-vouches"): string =>
  issueAssertion(
    {
      issuer,
      subject: { name: "alice" },
      audience,
      lifetime: { created: now, expires: now + 300_000 },
      confirmation: { method },
    },
    { key: sts.keyPair.privateKey },
  ).xml;

/** Sends a message with an assertion over TLS, as a guard that takes bearers and a gateway's word sees it. */
function admit(method: "bearer" | "sender-vouches", transport: Partial<Transport>) {
  const clock = { now: () => now };
  const guard = createGuard({
    origin: "https://orders.example",
    trust: { issuers: [{ name: issuer, certificates: [sts.certificate] }] },
    accept: [
      saml2({ audience, confirm: "bearer", over: "transport" }),
      saml2({ audience, confirm: "sender-vouches", attesters: [gateway.certificate], over: "transport" }),
    ],
    clock,
  });
  const order = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><o/></s:Body></s:Envelope>';
  const { envelope, contentType } = secureMessage(order, { tokens: [assertion(method)], clock });
  return guard.admit({
    method: "POST",
    target: "/",
    headers: [["content-type", contentType]],
    body: async () => envelope,
    transport: { encrypted: true, ...transport },
    signal: new AbortController().signal,
  });
}

describe("the requestor of a message with an assertion", () => {
  it("accepts one whose TLS certificate vouches for the subject, and names it beside the subject", async () => {
    expect(await admit("sender-vouches", { peerCertificate: gateway.der })).toMatchObject({
      kind: "admitted",
      security: { principal: { name: "alice" }, requestor: { name: "CN=gateway", kind: "x509" } },
    });
  });

  it("rejects one whose TLS certificate may not vouch, or that has none, with ERR_TOKEN_PROOF", async () => {
    for (const transport of [{ peerCertificate: stranger.der }, {}]) {
      const refused = { kind: "answered", error: { code: "ERR_TOKEN_PROOF" } };
      expect(await admit("sender-vouches", transport)).toMatchObject(refused);
    }
  });

  it("accepts a bearer as the subject, whatever certificate its connection has", async () => {
    const verdict = await admit("bearer", { peerCertificate: gateway.der });
    expect(verdict).toMatchObject({ kind: "admitted", security: { principal: { name: "alice" } } });
    expect(verdict.kind === "admitted" && verdict.security.requestor).toBeUndefined();
  });
});
