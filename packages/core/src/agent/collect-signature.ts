import {
  Certificate,
  type CertificateTrust,
  createCertificateTrust,
  keyDigest,
  publicKeyInfo,
  sha256,
  type ValidatedPath,
} from "../crypto/index.js";
import { ConfigurationError, refuse } from "../errors/index.js";
import type { CompiledGuard } from "../guard/index.js";
import { noClaims } from "../identity/index.js";
import { createVerifiedMessage, type ProtectedPart, type Protection } from "../wss/index.js";
import {
  checkAlgorithms,
  dsNames,
  IdIndex,
  type KeyInfoSyntax,
  parseSignature,
  type ReferenceTarget,
  resolveReferences,
  type SignatureSyntax,
  verifySignature,
} from "../xmlsec/index.js";
import type { Collected } from "./collected.js";
import type { AgentGuardOptions } from "./options.js";
import type { RequestDocument } from "./request-document.js";

/** Takes the certificate of a signed document. */
export interface SignatureCollector {
  /**
   * @returns undefined where the document holds no signature where one is looked for
   * @throws the ERR_WSS_ codes
   */
  collect(read: RequestDocument, now: number): Promise<Collected | undefined>;
}

/**
 * Compiles `xmlSignature()`. Looked for is a signature that is the document element and holds what it signs in a ds:Object
 * (enveloping); one that is a child of the document element (enveloped); in SOAP, one that is the first block of the Header
 * (enveloped). It must cover the whole document, or all of the Body.
 * @throws ConfigurationError where no certificate is trusted, and where revocation is to be asked for: this scheme does not
 */
export function compileSignatureCollector(options: AgentGuardOptions, base: CompiledGuard): SignatureCollector {
  const { authorities = [], certificates = [], revocation } = options.trust ?? {};
  if (authorities.length + certificates.length === 0) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "trust.certificates",
      "No certificate and no authority is trusted.",
      "Set trust.certificates or trust.authorities.",
    );
  }
  if (revocation !== undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "trust.revocation",
      "The scheme asks nobody whether a certificate was revoked.",
      'Take wsSecurity({ token: "x509" }), which asks, or remove trust.revocation.',
    );
  }
  const load = (given: typeof authorities, option: string) =>
    given.map((one, index) => Certificate.load(one, `${option}[${index}]`));
  const trust = createCertificateTrust(
    {
      authorities: load(authorities, "trust.authorities"),
      certificates: load(certificates, "trust.certificates"),
      clockSkewSeconds: options.clockSkewSeconds ?? 60,
    },
    "trust",
  );
  const remembered = (options.agent.signatureReplaySeconds ?? 3_600) * 1_000;
  return {
    async collect(read, now) {
      const element = signatureIn(read);
      if (element === -1) return undefined;
      const { document } = read;
      const { suite, canonicalForms } = base.rules;
      const syntax = parseSignature(document, element, undefined, { enveloping: element === 0 });
      checkAlgorithms(document, syntax, suite, canonicalForms);
      const index = IdIndex.of(document, element);
      const targets = resolveReferences(document, syntax, index, { wholeDocument: true });
      const path = await trustedPath(read, syntax, trust, now);
      const [certificate] = path;
      const verified = verifySignature(document, syntax, certificate.publicKey, targets, undefined, suite);
      requireWhole(read, syntax, targets);
      requireNoComments(read);
      const protection: Protection = {
        by: "signature",
        signer: certificate.subject,
        algorithm: syntax.algorithmUri,
      };
      const parts = [keyDigest(certificate.publicKey), sha256(verified.signedInfo)];
      return {
        scheme: "xml-signature",
        credentials: {
          kind: "certificate",
          certificate: certificate.der,
          publicKey: publicKeyInfo(certificate.publicKey),
          subject: certificate.subject,
          issuer: certificate.issuer,
          proof: "signature",
        },
        proof: "signature",
        replay: [{ kind: "document-signature", parts, until: now + remembered }],
        token: {
          kind: "x509",
          principal: { name: certificate.subject, kind: "x509" },
          claims: noClaims,
          issuer: certificate.issuer,
          digest: certificate.fingerprint256,
        },
        message: messageOf(read, syntax, targets, protection),
      };
    },
  };
}

/** The Signature element where one is looked for; -1 where there is none. */
function signatureIn({ document, envelope }: RequestDocument): number {
  if (envelope !== undefined) {
    const first = envelope.header === -1 ? -1 : document.firstChild(envelope.header);
    return first !== -1 && document.name(first) === dsNames.signature ? first : -1;
  }
  return document.name(0) === dsNames.signature ? 0 : document.child(0, dsNames.signature);
}

async function trustedPath(
  read: RequestDocument,
  syntax: SignatureSyntax,
  trust: CertificateTrust,
  now: number,
): Promise<readonly [Certificate, ...Certificate[]]> {
  const { document } = read;
  const given = certificatesOf(syntax.keyInfo);
  const [leaf] = given;
  if (leaf === undefined) {
    refuse("ERR_WSS_TOKEN_UNAVAILABLE", "the signature carries no certificate", {
      place: () => document.place(syntax.element),
      rule: "XML Signature 1.1, 4.5.4",
      remedy: "Put the signer's certificate into ds:KeyInfo as ds:X509Data/ds:X509Certificate.",
    });
  }
  const validated: ValidatedPath = await trust.validate(given, now);
  return [leaf, ...validated.path.slice(1)];
}

const certificatesOf = (keyInfo: KeyInfoSyntax | undefined): readonly Certificate[] =>
  (keyInfo?.x509Data ?? []).flatMap(({ certificates }) => certificates.map((der) => Certificate.parse(der)));

/** What is read must be what was signed: the document but for the signature, or the object that the signature holds, or the Body. */
function requireWhole(
  { document, envelope }: RequestDocument,
  { element, object }: SignatureSyntax,
  targets: readonly ReferenceTarget[],
): void {
  const covers = (wanted: number) => targets.some((target) => target.element === wanted);
  const whole = covers(0) || (envelope !== undefined ? covers(envelope.body) : object !== -1 && covers(object));
  if (whole) return;
  refuse("ERR_POLICY_PART_UNPROTECTED", "the signature does not cover the whole document", {
    place: () => document.place(element),
    rule: "xmlSignature",
    remedy: 'Sign URI="" with the enveloped-signature transform, the object that the signature holds, or the Body.',
  });
}

/** Comments are in no digest, and a document that is no SOAP is handed on as it came: whoever adds one splits a text. */
function requireNoComments({ document, envelope }: RequestDocument): void {
  const at = envelope === undefined ? document.bytes.indexOf("<!--") : -1;
  if (at === -1) return;
  refuse("ERR_POLICY_PART_UNPROTECTED", "a signed document has a comment, which no signature covers", {
    place: () => document.placeAt(at),
    rule: "Canonical XML 1.0, 1.1",
    remedy: "Send the document without comments.",
  });
}

function messageOf(
  { document, envelope, contentType }: RequestDocument,
  syntax: SignatureSyntax,
  targets: readonly ReferenceTarget[],
  protection: Protection,
): Collected["message"] {
  if (envelope === undefined) return undefined;
  const direct = targets.find(({ element }) => element === envelope.body);
  const whole = targets.find(({ element }) => element === 0);
  const form = (direct ?? whole)?.form;
  if (form === undefined) return undefined;
  const part = (element: number): ProtectedPart => ({ element, protection, form });
  const headers: ProtectedPart[] = [];
  if (whole !== undefined && envelope.header !== -1) {
    for (let block = document.firstChild(envelope.header); block !== -1; block = document.nextSibling(block)) {
      if (block !== syntax.element) headers.push(part(block));
    }
  }
  return {
    verified: createVerifiedMessage(envelope, part(envelope.body), headers),
    parts: new Map([["body", protection]]),
    contentType,
  };
}
