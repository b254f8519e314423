import type { ContextSource } from "@countersign/core/sts";
import { crypto, soap, wss, xml, xmlsec } from "@countersign/core/testing";

/** What a message of the bench must be verified against. Plain data, so that child processes can be given it. */
export interface Setting {
  readonly protection: "x509" | "saml-bearer" | "saml-hok" | "sealed" | "context";
  /** PEM of the authority that issued the signers' certificates. */
  readonly authority: string;
  /** PEM of the assertion issuer's certificate. */
  readonly issuer: string;
  /** The moment at which the message is fresh. */
  readonly now: string;
  /** Size of the message. */
  readonly octets: number;
  /** The service's key pair, where the message is encrypted: PEM. */
  readonly decryption?: { readonly key: string; readonly certificate: string };
  /** The context under which the message is sent; the secret in hexadecimal digits. */
  readonly context?: { readonly identifier: string; readonly secret: string };
}

/** Verifies or admits one message; throws or rejects where it is refused. */
export type Operation = (message: Uint8Array) => unknown;

/** Issuer of the assertions of the bench. */
export const issuerName = "https://sts.example";
/** The guard's defaults. */
const timestampRules = { maxAge: 300_000, future: 60_000, skew: 60_000, requireExpires: false };

/**
 * The engine alone, on one thread: scan, Security header, signatures with everything they refer to, coverage of Body and
 * Timestamp, view.
 */
export function createVerify(setting: Setting): Operation {
  const verify = compileVerify(setting);
  return (message) => verify(xml.scan(message));
}

/** The same with scan and digests in a worker, as the guard treats large bodies: what the event loop feels. */
export function createVerifyInWorker(setting: Setting): Operation {
  const verify = compileVerify(setting);
  const workers = new xmlsec.DocumentWorkers();
  return async (message) => {
    const large = await xmlsec.LargeDocument.open(workers, message);
    try {
      return await verify(large.document, large);
    } finally {
      large.release();
    }
  };
}

function compileVerify(setting: Setting) {
  const saml = setting.protection === "saml-bearer" || setting.protection === "saml-hok";
  const issuers = new Map([
    [issuerName, { name: issuerName, certificates: [crypto.Certificate.load(setting.issuer, "issuer")] }],
  ]);
  const rules: wss.SecurityRules = {
    suite: crypto.defaultSuite,
    canonicalForms: xmlsec.defaultCanonicalForms,
    timestamp: timestampRules,
    assertions: saml ? { issuers, versions: new Set(["2.0"]) } : undefined,
    trusts: saml
      ? []
      : [crypto.createCertificateTrust({ authorities: [crypto.Certificate.load(setting.authority, "authority")] })],
    contexts: setting.context && heldContext(setting.context),
    decryption: setting.decryption && { keys: wss.loadDecryptionKeys([setting.decryption], "decryption") },
    possession: false,
  };
  const now = Date.parse(setting.now);
  const bearer = setting.protection === "saml-bearer";
  return async (document: xml.XmlDocument, remote?: xmlsec.LargeDocument) => {
    const envelope = soap.parseEnvelope(document);
    const opened = await wss.openSecurity(envelope, wss.findSecurityHeader(envelope, undefined), rules, now, remote);
    if (rules.decryption !== undefined) wss.requireEncrypted(opened, { encrypted: ["body"] }, opened.signatures[0]);
    const covered = wss.coverageOf(opened, bearer ? [] : ["body", "timestamp"], opened.signatures[0], bearer);
    return wss.createVerifiedMessage(opened.envelope, covered.body, covered.headers);
  };
}

function heldContext({ identifier, secret }: NonNullable<Setting["context"]>): ContextSource {
  const established = {
    identifier,
    instance: "",
    secret: Buffer.from(secret, "hex"),
    expires: Number.POSITIVE_INFINITY,
    owner: "alice",
    subject: {
      principal: { name: "alice", kind: "username" },
      claims: [],
      issuer: "urn:orders",
      created: 0,
      until: Number.POSITIVE_INFINITY,
    },
  } as const;
  return {
    async find(name) {
      if (name.identifier === identifier && name.instance === "") return established;
      throw new RangeError("the context is another one");
    },
  };
}
