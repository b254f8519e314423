import type { ErrorCode, WssVerdict } from "@countersign/core";
import { createTestAuthority, createTestCertificate, testKeyPair } from "@countersign/core/testing";
import { expect, it } from "vitest";
import { bearerMessage } from "../support/messages.js";
import type { AssertionOptions } from "../support/saml.js";
import { brokerKey, issuer, noon, order, ordersUrl } from "../trust/estate.js";
import { post, type SamlVersion, type Stage, samlVersions, scenario } from "./stage.js";
import { expectAdmitted, expectRefused } from "./views.js";

/*
 * Tokens of a security token service. Tickets with an altered octet, or under another service's key, come with Kerberos.
 */

const day = 86_400_000;
const validity = { keyType: "rsa", notBefore: noon - day, notAfter: noon + day } as const;
const broker = { ...brokerKey.keyPair, certificate: brokerKey.der };

/** Somebody who calls themselves by the broker's name: under a key and certificate of their own making. */
const selfMade = createTestCertificate({ ...validity, subject: "CN=sts", keyPair: testKeyPair("rsa", "self-made") });
/** The same, under a certificate that an authority issued. */
const elsewhere = createTestAuthority({ ...validity, subject: "CN=Another CA" });
const otherAuthority = elsewhere.issue({ ...validity, subject: "CN=sts", keyPair: testKeyPair("rsa", "another CA") });

const message = (assertion: Partial<AssertionOptions>) =>
  bearerMessage({
    soap: "1.2",
    now: new Date(noon),
    assertion: { issuedBy: broker, issuer, audience: ordersUrl, ...assertion },
  }).text;

const unsigned = (text: string) => text.replace(/<ds:Signature .*?<\/ds:Signature>/s, "");

const bad: readonly (readonly [string, (version: "1.1" | "2.0") => string, ErrorCode, WssVerdict])[] = [
  ["nobody signed", (version) => unsigned(message({ version })), "ERR_TOKEN_SIGNATURE", "InvalidSecurityToken"],
  [
    "its own certificate signed",
    (version) => message({ version, issuedBy: { ...selfMade.keyPair, certificate: selfMade.der } }),
    "ERR_TOKEN_SIGNATURE",
    "InvalidSecurityToken",
  ],
  [
    "a certificate of another authority signed",
    (version) => message({ version, issuedBy: { ...otherAuthority.keyPair, certificate: otherAuthority.der } }),
    "ERR_TOKEN_SIGNATURE",
    "InvalidSecurityToken",
  ],
  [
    "the broker signed with RSA-SHA1",
    (version) => message({ version, algorithm: "rsa-sha1" }),
    "ERR_WSS_UNSUPPORTED_ALGORITHM",
    "UnsupportedAlgorithm",
  ],
  [
    "the broker signed over a SHA-1 digest",
    (version) => message({ version, digest: "sha1" }),
    "ERR_WSS_UNSUPPORTED_ALGORITHM",
    "UnsupportedAlgorithm",
  ],
];

/** Changes to a message with a token that the broker really issued. */
const changes: readonly (readonly [string, (text: string) => string, ErrorCode, WssVerdict])[] = [
  ["was stripped of its signature", unsigned, "ERR_TOKEN_SIGNATURE", "InvalidSecurityToken"],
  [
    "was stripped of its SignatureValue",
    (text) => text.replace(/(<ds:SignatureValue>)[^<]*/, "$1"),
    "ERR_TOKEN_SIGNATURE",
    "InvalidSecurityToken",
  ],
  [
    "names RSA-SHA1 instead of its algorithm",
    (text) => text.replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1"),
    "ERR_WSS_UNSUPPORTED_ALGORITHM",
    "UnsupportedAlgorithm",
  ],
  [
    "names HMAC instead of its algorithm",
    (text) => text.replace("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"),
    "ERR_TOKEN_SIGNATURE",
    "InvalidSecurityToken",
  ],
  [
    "names another subject",
    (text) => text.replaceAll("alice@example", "admin@example"),
    "ERR_TOKEN_SIGNATURE",
    "InvalidSecurityToken",
  ],
];

const tests = (saml: SamlVersion) => (newStage: () => Stage) => {
  const version = saml.kind === "saml2" ? "2.0" : "1.1";
  it("accepts a token that the broker signed", async () => {
    const stage = newStage();
    const [{ url }, service] = await Promise.all([stage.broker(saml.broker), stage.service(saml.service)]);
    const { client, wire } = stage.requestor({ url }, saml.client);
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    expectAdmitted(service, wire.received.at(-1), { principal: "alice@example", issuer });
    expectAdmitted(service, await post(service, message({ version })), { principal: "alice", issuer });
  });

  it.each(bad)("rejects a token that %s", async (_, make, code, verdict) => {
    const service = await newStage().service(saml.service);
    expectRefused(service, await post(service, make(version)), { code, verdict });
  });

  it.each(changes)("rejects a token of the broker that %s", async (_, change, code, verdict) => {
    const stage = newStage();
    const [{ url }, service] = await Promise.all([stage.broker(saml.broker), stage.service(saml.service)]);
    const { client } = stage.requestor({ url }, saml.client);
    const genuine = Buffer.from((await client.secure(order(), { appliesTo: ordersUrl })).envelope).toString();
    const changed = change(genuine);
    expect(changed).not.toBe(genuine);
    expectRefused(service, await post(service, changed), { code, verdict });
    expectAdmitted(service, await post(service, genuine), { principal: "alice@example", issuer });
  });
};

for (const saml of samlVersions) scenario(`R4.16 tokens (${saml.kind}) are signed by the issuing broker`, tests(saml));
