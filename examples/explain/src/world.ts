import {
  Certificate,
  createAuthority,
  type IssuedCertificate,
  issueAssertion,
  issueBinarySecurityToken,
  type OutboundSignature,
  secureMessage,
} from "@countersign/core/sts";

/** When every message was made, and when it is looked at: a minute later. */
export const madeAt: number = Date.parse("2026-11-02T10:00:00Z");
export const lookedAt = "2026-11-02T10:01:00Z";

const year = 365 * 86_400_000;

/** The keys of one run. They are thrown away: only certificates and messages are kept. */
export interface World {
  readonly sts: IssuedCertificate;
  readonly partner: IssuedCertificate;
  readonly stranger: IssuedCertificate;
  readonly alice: IssuedCertificate;
}

/** Makes keys and certificates. */
export function createWorld(): World {
  const lifetime = { notBefore: madeAt - 86_400_000, notAfter: madeAt + 10 * year };
  const authority = createAuthority({ subject: "CN=Example CA,O=Trial", keyType: "ec", ...lifetime });
  const issue = (name: string) => authority.issue({ subject: `CN=${name},O=Trial`, keyType: "rsa", ...lifetime });
  return { sts: issue("sts"), partner: issue("partner"), stranger: issue("stranger"), alice: issue("alice") };
}

/** An order, SOAP 1.2, without any security. */
export const order = `<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope">
  <soap:Header>
  </soap:Header>
  <soap:Body>
    <PlaceOrder xmlns="urn:orders">
      <item>anvil</item>
      <count>1</count>
    </PlaceOrder>
  </soap:Body>
</soap:Envelope>
`;

/** How a signed order departs from the usual one. */
export interface SigningChange extends Partial<Pick<OutboundSignature, "algorithm" | "digest" | "parts">> {
  readonly signer?: IssuedCertificate;
}

/** The order, signed with a partner's certificate over Body and Timestamp. */
export function signedOrder(world: World, change: SigningChange = {}): string {
  const { signer = world.partner, parts = ["body", "timestamp"], algorithm, digest } = change;
  const token = issueBinarySecurityToken([Certificate.load(signer.certificate, "certificate")]);
  const { envelope } = secureMessage(order, {
    clock: { now: () => madeAt },
    tokens: [token.xml],
    signatures: [
      { key: signer.keyPair.privateKey, reference: { by: "token", id: token.id }, parts, algorithm, digest },
    ],
  });
  return laidOut(envelope);
}

/** What alice's token says. */
export interface TokenContent {
  readonly audience: string;
  readonly role: string;
}

/** The order, with a SAML assertion about alice, signed with her key. */
export function orderOfAlice({ sts, alice }: World, { audience, role }: TokenContent): string {
  const assertion = issueAssertion(
    {
      issuer: "https://sts.example",
      subject: { name: "alice" },
      audience,
      lifetime: { created: madeAt, expires: madeAt + 3_600_000 },
      confirmation: { method: "holder-of-key", publicKey: alice.keyPair.publicKey },
      attributes: [{ name: "role", values: [role] }],
    },
    { key: sts.keyPair.privateKey },
  );
  const { envelope } = secureMessage(order, {
    clock: { now: () => madeAt },
    tokens: [assertion.xml],
    signatures: [
      {
        key: alice.keyPair.privateKey,
        reference: { by: "saml2", id: assertion.id },
        parts: ["body", "timestamp"],
      },
    ],
  });
  return laidOut(envelope);
}

/** Line breaks where no signature minds them, so that places can be told by line. */
function laidOut(envelope: Uint8Array): string {
  return Buffer.from(envelope)
    .toString("utf8")
    .replace(/<wsse:Security /, "\n    $&")
    .replace(/<wsu:Timestamp |<wsse:BinarySecurityToken |<saml2:Assertion |<\/wsse:Security>/g, "\n      $&")
    .replace(/(?<=<\/wsse:BinarySecurityToken>|<\/saml2:Assertion>)<ds:Signature /, "\n      $&");
}
