import {
  type Alternative,
  Certificate,
  createGuard,
  type GuardOptions,
  InMemoryReplayCache,
  type ReplayCache,
  saml2,
  x509,
} from "@countersign/core";
import { crypto, soap, wss, xml, xmlsec } from "@countersign/core/testing";

/** What a message of the bench must be verified against. Plain data, so that child processes can be given it. */
export interface Setting {
  readonly protection: "x509" | "saml-bearer" | "saml-hok";
  /** PEM of the authority that issued the signers' certificates. */
  readonly authority: string;
  /** PEM of the assertion issuer's certificate. */
  readonly issuer: string;
  /** The moment at which the message is fresh. */
  readonly now: string;
  /** Size of the message. */
  readonly octets: number;
}

/** Verifies or admits one message; throws or rejects where it is refused. */
export type Operation = (message: Uint8Array) => unknown;

const issuerName = "https://sts.example";
/** The guard's defaults: larger bodies go to a worker, timestamps may be 300 s old. */
const workerThreshold = 512 * 1024;
const timestampRules = { maxAge: 300_000, future: 60_000, skew: 60_000, requireExpires: false };

/** The engine alone: scan, Security header, signatures with everything they refer to, coverage of Body and Timestamp, view. */
export function createVerify(setting: Setting): Operation {
  const saml = setting.protection !== "x509";
  const issuers = new Map([
    [issuerName, { name: issuerName, certificates: [Certificate.load(setting.issuer, "issuer")] }],
  ]);
  const rules: wss.SecurityRules = {
    suite: crypto.defaultSuite,
    canonicalForms: xmlsec.defaultCanonicalForms,
    timestamp: timestampRules,
    issuers: saml ? issuers : undefined,
    trusts: saml
      ? []
      : [crypto.createCertificateTrust({ authorities: [Certificate.load(setting.authority, "authority")] })],
    possession: false,
  };
  const now = Date.parse(setting.now);
  const bearer = setting.protection === "saml-bearer";
  const verify = async (document: xml.XmlDocument, remote?: xmlsec.LargeDocument) => {
    const envelope = soap.parseEnvelope(document);
    const opened = await wss.openSecurity(envelope, wss.findSecurityHeader(envelope, undefined), rules, now, remote);
    const covered = wss.coverageOf(opened, bearer ? [] : ["body", "timestamp"], opened.signatures[0], bearer);
    return wss.createVerifiedMessage(envelope, covered.body, covered.headers);
  };
  if (setting.octets < workerThreshold) return (message) => verify(xml.scan(message));
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

/** The whole guard without HTTP: media type, engine, policy, replay, decision. */
export function createAdmit(setting: Setting): Operation {
  const guard = createGuard(optionsFor(setting));
  const headers = [["content-type", "text/xml; charset=utf-8"]] as const;
  const transport = { encrypted: true };
  const { signal } = new AbortController();
  return async (message) => {
    const body = async () => message;
    const verdict = await guard.admit({ method: "POST", target: "/orders", headers, body, transport, signal });
    if (verdict.kind === "admitted") return verdict;
    throw verdict.kind === "answered" && verdict.error
      ? verdict.error
      : new RangeError(`the verdict is ${verdict.kind}`);
  };
}

function optionsFor(setting: Setting): GuardOptions {
  const accept: Readonly<Record<Setting["protection"], Alternative>> = {
    x509: x509({ subjects: [() => true] }),
    "saml-bearer": saml2({ audience: "urn:orders", confirm: "bearer", over: "transport" }),
    "saml-hok": saml2({ audience: "urn:orders", confirm: "holder-of-key" }),
  };
  const trust =
    setting.protection === "x509"
      ? { authorities: [setting.authority] }
      : { issuers: [{ name: issuerName, certificates: [setting.issuer] }] };
  return {
    origin: "https://orders.example",
    trust,
    accept: [accept[setting.protection]],
    clock: { now: () => Date.parse(setting.now) },
    limits: { maxBody: 16 << 20 },
    replay: new ForgetfulReplayCache(),
  };
}

/**
 * One message is admitted over and over: each time under a new key, as if it were another one, in a cache of the product that is
 * replaced before it is full.
 */
class ForgetfulReplayCache implements ReplayCache {
  #cache = new InMemoryReplayCache();
  #count = 0;

  reserve(entries: Parameters<ReplayCache["reserve"]>[0]): ReturnType<ReplayCache["reserve"]> {
    if (++this.#count % 50_000 === 0) this.#cache = new InMemoryReplayCache();
    const suffix = this.#count.toString(16);
    return this.#cache.reserve(entries.map((entry) => ({ ...entry, key: entry.key.slice(suffix.length) + suffix })));
  }
}
