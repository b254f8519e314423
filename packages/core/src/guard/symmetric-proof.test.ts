import { describe, expect, it } from "vitest";
import { Certificate, randomOctets, secretKey } from "../crypto/index.js";
import { saml2, saml11 } from "../policy/index.js";
import { soap12Namespace } from "../soap/index.js";
import { createTestCertificate } from "../testing/index.js";
import { conversation13, issueDerivedKey } from "../tokens/context/index.js";
import { type AssertionContent, issueAssertion, type SamlVersion } from "../tokens/saml/index.js";
import { type OutboundSignature, type SecureMessageOptions, secureMessage, writeReference } from "../wss/index.js";
import { createGuard } from "./create-guard.js";
import type { GuardOptions } from "./options.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };
const validity = { notBefore: now - 1_000, notAfter: now + 86_400_000 };
const service = createTestCertificate({ subject: "CN=service", ...validity });
const other = createTestCertificate({ subject: "CN=other", ...validity });
const sts = createTestCertificate({ subject: "CN=sts", ...validity });
const [forService, forOther] = [service, other].map((one) => Certificate.load(one.certificate, "certificate")) as [
  Certificate,
  Certificate,
];
const plain = `<s:Envelope xmlns:s="${soap12Namespace}"><s:Body><o:order xmlns:o="urn:orders">4711</o:order></s:Body></s:Envelope>`;
const proof = randomOctets(32);

function route(options: Partial<GuardOptions> = {}) {
  const demands = { audience: "urn:orders", confirm: "holder-of-key" } as const;
  const guard = createGuard({
    origin: "https://orders.example",
    trust: {
      issuers: [{ name: "urn:sts", certificates: [sts.certificate] }],
      decryption: [{ key: service.keyPair.privateKey, certificate: service.certificate }],
    },
    accept: [saml2(demands), saml11(demands)],
    clock,
    ...options,
  });
  return async (body: string) => {
    const verdict = await guard.admit({
      method: "POST",
      target: "/",
      headers: [["content-type", "application/soap+xml"]],
      body: async () => Buffer.from(body),
      transport: { encrypted: false, remoteAddress: "192.0.2.1" },
      signal: new AbortController().signal,
    });
    if (verdict.kind === "admitted") return `${verdict.security.principal.name} by ${verdict.security.evidence.proof}`;
    return verdict.kind === "answered" ? verdict.error?.code : verdict.kind;
  };
}

const assertion = (
  version: SamlVersion,
  confirmation: AssertionContent["confirmation"] = { method: "holder-of-key", secret: proof, for: forService },
  signer = sts,
) =>
  issueAssertion(
    {
      version,
      issuer: "urn:sts",
      subject: { name: "alice" },
      audience: "urn:orders",
      lifetime: { created: now, expires: now + 60_000 },
      confirmation,
      attributes: [{ name: "urn:role", values: ["clerk"] }],
    },
    { key: signer.keyPair.privateKey },
  );

const both = ["body", "timestamp"] as const;
const secure = (options: SecureMessageOptions) =>
  Buffer.from(secureMessage(plain, { clock, ...options }).envelope).toString();

describe.each<["saml2" | "saml11", SamlVersion]>([
  ["saml2", "2.0"],
  ["saml11", "1.1"],
])("a symmetric key that a %s assertion confirms", (by, version) => {
  const signed = (token = assertion(version), secret = proof, more: Partial<OutboundSignature> = {}) =>
    secure({
      tokens: [token.xml],
      signatures: [{ key: secretKey(secret), reference: { by, id: token.id }, parts: both, ...more }],
    });
  const derived = (token = assertion(version), secret = proof) => {
    const dk = issueDerivedKey(conversation13, { secret, reference: writeReference({ by, id: token.id }) });
    return secure({
      tokens: [token.xml, dk.xml],
      signatures: [{ key: dk.key, reference: { by: "token", id: dk.id, valueType: dk.valueType }, parts: both }],
    });
  };

  it("accepts a signature with it, and with a key derived from it, each once", async () => {
    const admit = route();
    const message = signed();
    expect(await admit(message)).toBe("alice by holder-of-key");
    expect(await admit(message)).toBe("ERR_TOKEN_REPLAYED");
    expect(await admit(derived())).toBe("alice by holder-of-key");
  });

  it.each<[string, () => string, string]>([
    ["the key is another one", () => signed(undefined, randomOctets(32)), "ERR_WSS_FAILED_CHECK"],
    [
      "the key that was derived from is another one",
      () => derived(undefined, randomOctets(32)),
      "ERR_WSS_FAILED_CHECK",
    ],
    ["nothing is signed", () => secure({ tokens: [assertion(version).xml] }), "ERR_TOKEN_PROOF"],
    ["the Body is not signed", () => signed(undefined, proof, { parts: ["timestamp"] }), "ERR_POLICY_PART_UNPROTECTED"],
    ["the Body was changed", () => signed().replace("4711", "4712"), "ERR_WSS_FAILED_CHECK"],
    [
      "the key is encrypted for another service",
      () => signed(assertion(version, { method: "holder-of-key", secret: proof, for: forOther })),
      "ERR_WSS_TOKEN_UNAVAILABLE",
    ],
    [
      "somebody else issued the assertion, with a key of his own",
      () => {
        const secret = randomOctets(32);
        return signed(assertion(version, { method: "holder-of-key", secret, for: forService }, other), secret);
      },
      "ERR_TOKEN_SIGNATURE",
    ],
    [
      "the EncryptedKey was exchanged for the sender's own",
      () => {
        const secret = randomOctets(32);
        const mine = assertion(version, { method: "holder-of-key", secret, for: forService });
        const cipher = /<xenc:EncryptedKey .*<\/xenc:EncryptedKey>/;
        const token = assertion(version);
        return signed({ ...token, xml: token.xml.replace(cipher, () => cipher.exec(mine.xml)?.[0] ?? "") }, secret);
      },
      "ERR_TOKEN_SIGNATURE",
    ],
    ["it is a bearer's", () => signed(assertion(version, { method: "bearer" })), "ERR_WSS_INVALID_TOKEN"],
    [
      "it confirms a public key, and HMAC is made with that",
      () => {
        const { publicKey } = other.keyPair;
        const spki = publicKey.export({ type: "spki", format: "der" });
        return signed(assertion(version, { method: "holder-of-key", publicKey }), spki);
      },
      "ERR_WSS_UNSUPPORTED_ALGORITHM",
    ],
  ])("rejects the message where %s", async (_, make, code) => {
    const admit = route();
    expect(await admit(signed())).toBe("alice by holder-of-key");
    expect(await admit(make())).toBe(code);
  });

  it("rejects it on a route for which nothing can be encrypted with ERR_WSS_TOKEN_UNAVAILABLE", async () => {
    const admit = route({ trust: { issuers: [{ name: "urn:sts", certificates: [sts.certificate] }] } });
    expect(await admit(signed())).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
  });
});
