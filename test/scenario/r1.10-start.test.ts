import {
  type AgentOptions,
  bearerToken,
  clientCertificate,
  createGuard,
  headerVariable,
  httpBasic,
  type PolicyServerOptions,
  policyServer,
  type ResponseRule,
  type SchemeRequirement,
  wsSecurity,
  wsSecurityHeader,
  xmlSignature,
} from "@countersign/core";
import { createTestAuthority, createTestCertificate } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { documentScheme, ringOf, TestDirectory } from "./agent-stage.js";

const signer = createTestCertificate({ subject: "CN=agent", keyType: "rsa" });
const sign: AgentOptions["sign"] = { key: signer.privateKey, certificate: signer.certificate };
const assertion = wsSecurity({ token: "saml2", audience: "urn:orders", confirm: "sender-vouches" });
const vouched = wsSecurityHeader({ token: "saml2", audience: "urn:orders", confirm: "sender-vouches" });

/** A policy server whose first realm takes one scheme and answers with these responses, and whose second one takes another. */
function decisions(
  scheme: SchemeRequirement,
  responses: readonly ResponseRule[] = [],
  consumer: SchemeRequirement = assertion,
  more: Partial<PolicyServerOptions> = {},
) {
  return policyServer({
    users: new TestDirectory(),
    sessions: { keys: ringOf(1) },
    realms: [
      { name: "auth", resources: ["/auth/*"], scheme },
      { name: "orders", resources: ["/orders/*"], scheme: consumer },
    ],
    policies: [{ realm: "auth", rules: [{}], users: "everyone", responses, associated: ["orders"] }],
    ...more,
  });
}

const mistake = (option: string, reason: RegExp) =>
  expect.objectContaining({
    code: expect.stringMatching(/^ERR_CONFIG_/),
    option,
    message: expect.stringMatching(reason),
  });

function errorOf(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (error) {
    return error;
  }
  return undefined;
}

const agent = (decisionPoint: AgentOptions["decisionPoint"], more: object = {}, options: Partial<AgentOptions> = {}) =>
  createGuard({ origin: "https://auth.example", agent: { decisionPoint, ...options }, ...more });

describe("R1.10 schemes fit for the first authentication [core]", () => {
  const trust = { certificates: [signer.certificate], issuers: [{ name: "i", certificates: [signer.certificate] }] };
  it.each([
    ["XML document credentials", documentScheme],
    ["an XML signature", xmlSignature()],
    ["a UsernameToken", wsSecurity({ token: "password" })],
    ["a digest", wsSecurity({ token: "password-digest" })],
    ["an X.509 signature", wsSecurity({ token: "x509" })],
    ["an assertion", wsSecurity({ token: "saml2", audience: "urn:a", confirm: "holder-of-key" })],
    ["HTTP Basic", httpBasic()],
    ["a TLS certificate", clientCertificate()],
  ])("accepts %s", (_, scheme) => {
    const attesters = [signer.certificate];
    expect(errorOf(() => agent(decisions(scheme, [vouched]), { trust }, { sign, attesters }))).toBeUndefined();
  });

  it.each([
    ["an XML signature without trust", xmlSignature(), "trust.certificates", /xml-signature/],
    ["an assertion without trusted issuers", assertion, "agent.decisionPoint", /ws-security saml2.*issuer/i],
    ["bearer tokens without issuers", bearerToken(), "agent.bearer", /bearer/],
    [
      "a path that is none",
      { ...documentScheme, user: { in: "body", path: "//User" } } as SchemeRequirement,
      "path",
      /path/i,
    ],
  ])("rejects %s", (_, scheme, option, reason) => {
    expect(errorOf(() => agent(decisions(scheme, [], httpBasic())))).toEqual(mistake(option, reason));
  });
});

describe("R1.10 schemes fit for the first authentication, with revocation [core]", () => {
  const authority = createTestAuthority({ subject: "CN=Revoking CA" });
  const revocation = { mode: "crl", fetch: { allow: ["http://crl.example"] } } as const;
  const trust = { authorities: [authority.certificate], revocation };

  it("accepts an X.509 signature, whose certificate is asked for", () => {
    expect(errorOf(() => agent(decisions(wsSecurity({ token: "x509" }), [], httpBasic()), { trust }))).toBeUndefined();
  });

  it("rejects an XML signature, whose certificate is not", () => {
    const error = errorOf(() => agent(decisions(xmlSignature(), [], httpBasic()), { trust }));
    expect(error).toEqual(mistake("trust.revocation", /xml-signature.*revoked/));
  });
});

describe("R1.11 the response types a policy may trigger [core]", () => {
  it("accepts WS-Security headers, header variables and cookie variables", () => {
    expect(errorOf(() => decisions(documentScheme, [vouched, headerVariable("x-a", "b")]))).toBeUndefined();
  });

  it.each([
    ["an unknown response", { kind: "smoke-signal" }, "policies[0].responses[0]", /kind|response/i],
    ["a header without name", { kind: "header", value: "x" }, /policies\[0\]\.responses\[0\]/, /.*/],
    [
      "a variable that is not declared",
      headerVariable("x-a", { variable: "total" }),
      "policies[0].responses[0]",
      /total/,
    ],
  ])("rejects %s, naming it", (_, response, option, reason) => {
    const error = errorOf(() => decisions(documentScheme, [response as ResponseRule]));
    expect(error).toMatchObject({ code: "ERR_CONFIG_INVALID", message: expect.stringMatching(reason) });
    expect((error as { option: string }).option).toMatch(
      option instanceof RegExp ? option : new RegExp(`^${option.replace(/[[\]]/g, "\\$&")}`),
    );
  });

  it("rejects an agent that cannot sign what its policy server will make it sign", () => {
    const attesters = [signer.certificate];
    const trust = { issuers: [{ name: "i", certificates: [signer.certificate] }] };
    const error = errorOf(() => agent(decisions(documentScheme, [vouched]), { trust }, { attesters }));
    expect(error).toEqual(mistake("agent.sign", /policies\[0\]\.responses\[0\]/));
  });
});

describe("R1.12 associated services use the matching scheme [core]", () => {
  it("accepts a realm that takes the token which the policy issues", () => {
    expect(errorOf(() => decisions(documentScheme, [vouched], assertion))).toBeUndefined();
  });

  it.each([
    ["another kind of token", wsSecurity({ token: "x509" })],
    ["another confirmation", wsSecurity({ token: "saml2", audience: "urn:orders", confirm: "holder-of-key" })],
    ["another audience", wsSecurity({ token: "saml2", audience: "urn:billing", confirm: "sender-vouches" })],
    ["no token at all", httpBasic()],
  ])("rejects an associated realm that takes %s", (_, consumer) => {
    const error = errorOf(() => decisions(documentScheme, [vouched], consumer));
    expect(error).toEqual(mistake("policies[0].associated[0]", /orders does not take it/));
  });

  it("rejects holder-of-key assertions for callers who prove no key", () => {
    const held = wsSecurityHeader({ token: "saml2", audience: "urn:orders" });
    const error = errorOf(() =>
      decisions(documentScheme, [held], httpBasic(), {
        policies: [{ realm: "auth", rules: [{}], users: "everyone", responses: [held] }],
      }),
    );
    expect(error).toEqual(mistake("policies[0].responses[0].key", /xml-document/));
  });
});
