import type { RequestorKey } from "@countersign/client";
import { saml2, saml11, usernameToken, type X509Options, x509 } from "@countersign/core";
import type { OutboundSignature } from "@countersign/core/sts";
import { conversationRows } from "./conversation-rows.js";
import type { SharedKey, SharedKeys } from "./keys.js";
import { isApplicable, type NotApplicable, type Ours, type Row, type Rows, type Theirs } from "./matrix.js";
import type { Fields } from "./peer.js";
import { assertionFacts, byHand, signedBy, withAssertion, withClient } from "./sending.js";

const wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const wsa = "http://www.w3.org/2005/08/addressing";
const base64Binary = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
const x509v3 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
const more2001 = "http://www.w3.org/2001/04/xmldsig-more#";
const more2007 = "http://www.w3.org/2007/05/xmldsig-more#";
const sha512 = "http://www.w3.org/2001/04/xmlenc#sha512";

const password = "wonderland";
const subjects = ["CN=alice,O=Example"];
/** What WSS4J says where a digest or signature value does not fit. */
const invalidSignature = "The signature or decryption was invalid";
const item = { element: "item", value: "crown" };

/** The parts that WSS4J signs: `{Element}{namespace}name`, the Body by its own name in each SOAP version. */
const bodyAndTimestamp = `{Element}{${wsu}}Timestamp;{}{SOAP}Body`;

const signing = (more: Fields = {}): Fields => ({
  "out.action": "Timestamp Signature",
  "out.user": "alice",
  "out.signatureKeyIdentifier": "DirectReference",
  "out.signatureAlgorithm": `${more2001}rsa-sha256`,
  "out.signatureDigestAlgorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
  "out.signatureParts": bodyAndTimestamp,
  ...more,
});

const demandingSignature: Fields = {
  "in.action": "Timestamp Signature",
  "in.sigSubjectCertConstraints": ".*CN=alice.*",
  covered: "/SOAP:Envelope/SOAP:Body,//wsu:Timestamp",
};

/** A message that X.509 signs; what is not given is as in every other row. */
function x509Row(
  keys: SharedKeys,
  name: string,
  {
    signer = keys.alice,
    theirs = {},
    ours,
  }: {
    signer?: SharedKey;
    theirs?: Fields | NotApplicable;
    ours: Omit<RequestorKey, "privateKey"> | Ours | NotApplicable;
  },
): Row {
  const principal = signer.parsed.subject;
  const fromThem = isApplicable<Fields>(theirs) ? theirsSigned(keys, theirs) : theirs;
  const key = { privateKey: signer.privateKey, certificate: signer.certificate };
  const fromUs: Ours | NotApplicable =
    "reason" in ours || "send" in ours
      ? ours
      : { fields: demandingSignature, refusal: invalidSignature, send: withClient(keys, { key: { ...key, ...ours } }) };
  return { name, principal, theirs: fromThem, ours: fromUs, tampering: item };
}

const theirsSigned = ({ ca, alice, aliceEc }: SharedKeys, fields: Fields, options: X509Options = {}): Theirs => ({
  fields: signing(fields),
  accept: x509({ subjects, ...options }),
  // Thumbprints and the like find only certificates that the service has: those stand in `certificates`.
  trust: { authorities: [ca], certificates: [alice.certificate, aliceEc.certificate] },
  refusal: "ERR_WSS_FAILED_CHECK",
});

function usernameRow(keys: SharedKeys, as: "text" | "digest"): Row & { readonly theirs: Theirs; readonly ours: Ours } {
  return {
    name: `UsernameToken, ${as}`,
    principal: "alice",
    theirs: {
      fields: {
        "out.action": "UsernameToken Timestamp",
        "out.user": "alice",
        "out.passwordType": as === "text" ? "PasswordText" : "PasswordDigest",
        password,
      },
      accept: usernameToken({
        verify: (name, given) => name === "alice" && given === password,
        secret: (name) => (name === "alice" ? password : undefined),
        over: "transport",
      }),
      refusal: "ERR_WSS_FAILED_AUTHENTICATION",
    },
    ours: {
      fields: { "in.action": "UsernameToken Timestamp", password },
      refusal: "The security token could not be authenticated or authorized",
      send: withClient(keys, { credentials: () => ({ name: "alice", password }), password: as }),
    },
    tampering: { element: "Password", value: as === "text" ? "looking-glass" : "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
  };
}

const x509Rows = (keys: SharedKeys): readonly Row[] => [
  x509Row(keys, "X.509, direct reference", { ours: { reference: "certificate" } }),
  x509Row(keys, "X.509, issuer and serial", {
    theirs: { "out.signatureKeyIdentifier": "IssuerSerial" },
    ours: { reference: "issuer-serial" },
  }),
  x509Row(keys, "X.509, subject key identifier", {
    theirs: { "out.signatureKeyIdentifier": "SKIKeyIdentifier" },
    ours: { reference: "subject-key-identifier" },
  }),
  x509Row(keys, "X.509, thumbprint", {
    theirs: { "out.signatureKeyIdentifier": "Thumbprint" },
    ours: { reference: "thumbprint" },
  }),
  x509Row(keys, "X.509, embedded certificate", {
    theirs: { "out.signatureKeyIdentifier": "X509KeyIdentifier" },
    ours: {
      fields: demandingSignature,
      refusal: invalidSignature,
      send: byHand(keys, () => ({ signatures: [identifiedByItself(keys.alice)] })),
    },
  }),
  x509Row(keys, "X.509, wsse:Embedded token", { theirs: embeddingUnknown, ours: embeddingUnknown }),
  x509Row(keys, "X.509, RSA-SHA512", {
    theirs: { "out.signatureAlgorithm": `${more2001}rsa-sha512`, "out.signatureDigestAlgorithm": sha512 },
    ours: { algorithm: `${more2001}rsa-sha512` },
  }),
  x509Row(keys, "X.509, ECDSA P-256", {
    signer: keys.aliceEc,
    theirs: { "out.user": "alice-ec", "out.signatureAlgorithm": `${more2001}ecdsa-sha256` },
    ours: {},
  }),
  x509Row(keys, "X.509, RSA-PSS", {
    theirs: { "out.signatureAlgorithm": `${more2007}sha256-rsa-MGF1` },
    ours: { algorithm: `${more2007}sha256-rsa-MGF1` },
  }),
];

/** Against BSP R5206, so that no option writes it: the KeyIdentifier is the certificate. */
function identifiedByItself(signer: SharedKey): OutboundSignature {
  const attributes = `EncodingType="${base64Binary}" ValueType="${x509v3}"`;
  const identifier = `<wsse:KeyIdentifier ${attributes}>${signer.parsed.der.toString("base64")}</wsse:KeyIdentifier>`;
  const xml = `<wsse:SecurityTokenReference xmlns:wsse="${wsse}">${identifier}</wsse:SecurityTokenReference>`;
  return signedBy(signer, { reference: { by: "reference", xml } });
}

const embeddingUnknown: NotApplicable = {
  reason: 'WSS4J writes no wsse:Embedded around a certificate, and answers one with "Unsupported KeyInfo type"',
};

const addressed = ["Action", "MessageID", "To", "ReplyTo"];

const protocolRows = (keys: SharedKeys): readonly Row[] => {
  const key = { privateKey: keys.alice.privateKey, certificate: keys.alice.certificate };
  const text = usernameRow(keys, "text");
  const parts = [bodyAndTimestamp, ...addressed.map((name) => `{Element}{${wsa}}${name}`)].join(";");
  return [
    {
      ...text,
      name: "Timestamp over TLS",
      theirs: { ...text.theirs, refusal: "ERR_WSS_MESSAGE_EXPIRED" },
      ours: { ...text.ours, refusal: "The message timestamp has expired" },
      tampering: { element: "Expires", value: "2020-01-01T00:00:00.000Z" },
    },
    {
      name: "WS-Addressing, signed",
      principal: "CN=alice,O=Example",
      theirs: {
        ...theirsSigned(
          keys,
          { "out.signatureParts": parts, addressing: "true" },
          { signed: ["body", "timestamp", "addressing"] },
        ),
        understands: addressed.map((name) => `{${wsa}}${name}`),
      },
      ours: {
        fields: {
          ...demandingSignature,
          covered: `${demandingSignature.covered},${addressed.map((name) => `//wsa:${name}`).join(",")}`,
          addressing: "true",
        },
        refusal: invalidSignature,
        send: withClient(keys, { key, addressing: true }),
      },
      tampering: { element: "MessageID", value: "urn:uuid:00000000-0000-4000-8000-000000000000" },
    },
    {
      name: "SignatureConfirmation",
      principal: "CN=alice,O=Example",
      theirs: {
        ...theirsSigned(keys, { "out.enableSignatureConfirmation": "true", "in.enableSignatureConfirmation": "true" }),
        reply: { confirm: true },
      },
      ours: {
        fields: {
          ...demandingSignature,
          "in.enableSignatureConfirmation": "true",
          "out.enableSignatureConfirmation": "true",
        },
        refusal: invalidSignature,
        send: withClient(keys, { key, reply: { confirmed: true } }),
      },
      tampering: item,
    },
  ];
};

const samlRows = (keys: SharedKeys, version: "1.1" | "2.0"): readonly Row[] =>
  (["bearer", "holder-of-key", "sender-vouches"] as const).map((method) => {
    const { issuer, audience, subject } = assertionFacts;
    const signed = method !== "bearer";
    const protection = signed ? {} : { over: "transport" as const };
    // WSS4J vouches with the issuer's key.
    const attesters = method === "sender-vouches" ? [keys.sts.certificate] : undefined;
    return {
      name: `SAML ${version}, ${method}`,
      principal: subject,
      theirs: {
        fields: {
          ...(signed
            ? signing({ "out.action": "Timestamp SAMLTokenSigned" })
            : { "out.action": "Timestamp SAMLTokenUnsigned" }),
          "saml.version": version,
          "saml.confirmation": method,
          "saml.issuer": issuer,
          "saml.audience": audience,
          "saml.subject": subject,
          "saml.holder": "alice",
        },
        accept: (version === "1.1" ? saml11 : saml2)({ audience, confirm: method, attesters, ...protection }),
        trust: { issuers: [{ name: issuer, certificates: [keys.sts.certificate] }] },
        refusal: signed ? "ERR_WSS_FAILED_CHECK" : "ERR_TOKEN_SIGNATURE",
      },
      ours: {
        fields: signed
          ? {
              ...demandingSignature,
              "in.action": "Timestamp Signature SAMLTokenSigned",
              "in.sigSubjectCertConstraints": ".*",
              audience,
            }
          : { "in.action": "Timestamp SAMLTokenSigned", audience },
        refusal: signed ? invalidSignature : "SAML signature validation failed",
        send: byHand(keys, withAssertion(keys, version, method)),
      },
      tampering: signed ? item : { element: version === "1.1" ? "NameIdentifier" : "NameID", value: "mallory" },
    };
  });

const xmlenc = "http://www.w3.org/2001/04/xmlenc#";
const aes256Gcm = "http://www.w3.org/2009/xmlenc11#aes256-gcm";

/** WSS4J encrypts the Body for a certificate, with the algorithms that both sides take today. */
const encrypting = (recipient: SharedKey): Fields => ({
  "out.encryptionUser": recipient.name,
  "out.encryptionKeyIdentifier": "IssuerSerial",
  "out.encryptionSymAlgorithm": aes256Gcm,
  "out.encryptionKeyTransportAlgorithm": `${xmlenc}rsa-oaep-mgf1p`,
  "out.encryptionParts": "{Content}{SOAP}Body",
});

const encryptionRows = (keys: SharedKeys): readonly Row[] =>
  (["sign-then-encrypt", "encrypt-then-sign"] as const).map((order) => {
    const { alice, orders } = keys;
    const actions = order === "sign-then-encrypt" ? "Timestamp Signature Encryption" : "Timestamp Encryption Signature";
    const both: Fields = { "out.action": actions, "in.action": actions };
    const own = ({ privateKey, certificate }: SharedKey) => ({ key: privateKey, certificate });
    const cipher = { element: "CipherValue", value: "AAAA" };
    const signed = theirsSigned(keys, {}, { encrypted: ["body"], order });
    return {
      name: `X.509, ${order}`,
      principal: alice.parsed.subject,
      theirs: {
        ...signed,
        fields: { ...signed.fields, ...encrypting(orders), ...both },
        trust: { ...signed.trust, decryption: [own(orders)] },
        reply: { encrypt: { order } },
        refusal: "ERR_WSS_DECRYPTION_FAILED",
        // What its cipher says of a tag that does not fit.
        replyRefusal: "Tag mismatch",
      },
      ours: {
        fields: { ...demandingSignature, ...encrypting(alice), ...both },
        refusal: invalidSignature,
        send: withClient(keys, {
          key: { privateKey: alice.privateKey, certificate: alice.certificate },
          encrypt: { for: orders.certificate, order },
          decryption: [own(alice)],
          reply: { encrypted: true },
        }),
      },
      tampering: cipher,
      replyTampering: cipher,
    };
  });

/** Every kind of message in the matrix; a further kind is one more entry. */
export const rows: Rows = (keys) => [
  usernameRow(keys, "text"),
  usernameRow(keys, "digest"),
  ...x509Rows(keys),
  ...protocolRows(keys),
  ...encryptionRows(keys),
  ...conversationRows(keys),
  ...samlRows(keys, "1.1"),
  ...samlRows(keys, "2.0"),
];
