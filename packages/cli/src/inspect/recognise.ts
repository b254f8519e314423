import { createPrivateKey, createPublicKey } from "node:crypto";
import { Certificate, decodeBase64, parseSignature, scan, type XmlDocument } from "@countersign/core/inspect";
import { isHttpRequest, parseHttpRequest } from "../http-request.js";
import type { Input } from "../input.js";
import { UsageError } from "../usage-error.js";
import { certificateFinding } from "./certificate.js";
import { type Finding, findingOf } from "./finding.js";
import { jwtFinding, looksLikeJwt } from "./jwt.js";
import { keyText } from "./keys.js";
import { assertionFinding, binaryTokenFinding, usernameTokenFinding } from "./security-tokens.js";
import { signatureFinding } from "./signature.js";

/**
 * Recognises what a file holds and reads it: certificates and keys (PEM, DER), a JWT, an HTTP request, or XML with its
 * tokens and signatures.
 * @throws UsageError where it is none of these
 */
export function recognise(input: Input): readonly Finding[] {
  const { name, octets } = input;
  const text = octets.toString("latin1").trim();
  if (text.includes("-----BEGIN ")) return pemFindings(text, name);
  if (octets[0] === 0x30) return [findingOf("certificate", "DER", () => certificateFinding(Certificate.parse(octets)))];
  const token = text.replace(/^bearer +/i, "");
  if (looksLikeJwt(token)) return [findingOf("jwt", "JWT", () => jwtFinding(token))];
  if (isHttpRequest(octets)) return requestFindings(input);
  if (/^[\s\0\xef\xbb\xbf\xfe\xff]*</.test(octets.toString("latin1", 0, 1_024))) return [xmlFinding(octets)];
  throw new UsageError(`${name} is nothing that can be inspected: no message, token, certificate or HTTP request.`);
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]{1,64})-----([^-]*)-----END \1-----/g;

function pemFindings(text: string, name: string): readonly Finding[] {
  const findings = [...text.matchAll(pemBlock)].map(([block, label = "", content = ""]) => {
    if (label === "CERTIFICATE" || label === "X509 CERTIFICATE") {
      return findingOf("certificate", "certificate", () =>
        certificateFinding(Certificate.parse(certificateOctets(content))),
      );
    }
    return label.endsWith("PRIVATE KEY") ? privateKeyFinding(block, label) : otherPem(block, label);
  });
  if (findings.length === 0) throw new UsageError(`${name} begins a PEM block that does not end.`);
  return findings;
}

/** Empty octets, which are no certificate, where the content is no base64. */
const certificateOctets = (content: string): Uint8Array =>
  decodeBase64(content, { maxOctets: 1 << 20 }) ?? new Uint8Array();

/** Its kind and size, and nothing of the key. */
function privateKeyFinding(block: string, label: string): Finding {
  const summary = "private key; keep it secret";
  if (label.includes("ENCRYPTED") || block.includes("Proc-Type: 4,ENCRYPTED")) {
    return { kind: "private-key", summary, fields: { encrypted: true } };
  }
  try {
    return { kind: "private-key", summary, fields: { key: keyText(createPublicKey(createPrivateKey(block))) } };
  } catch {
    return { kind: "private-key", summary: `${summary}; it cannot be read`, fields: {} };
  }
}

function otherPem(block: string, label: string): Finding {
  if (!label.endsWith("PUBLIC KEY")) return { kind: "pem", summary: `PEM block ${label}, not read`, fields: {} };
  try {
    return { kind: "public-key", summary: "public key", fields: { key: keyText(createPublicKey(block)) } };
  } catch {
    return { kind: "public-key", summary: "public key that cannot be read", fields: {} };
  }
}

function requestFindings({ name, octets }: Input): readonly Finding[] {
  const { method, target, headers, body } = parseHttpRequest(octets, name);
  const media = headers.find(([header]) => header === "content-type")?.[1];
  const parts = headers.flatMap(([header, value]) => {
    const token = header === "authorization" ? /^bearer +(\S+)$/i.exec(value)?.[1] : undefined;
    return token === undefined ? [] : [findingOf("jwt", "bearer token", () => jwtFinding(token))];
  });
  if (/^[\s\ufeff]*</.test(body.toString("utf8", 0, 1_024))) parts.push(xmlFinding(body));
  const fields = { method, target, contentType: media, octets: body.length };
  return [{ kind: "http-request", summary: `HTTP request ${method} ${target}`, fields, parts }];
}

/** The most tokens and signatures that are shown of one document. */
const maxParts = 50;

const readers: Readonly<Record<string, (document: XmlDocument, element: number) => Finding>> = {
  UsernameToken: usernameTokenFinding,
  BinarySecurityToken: binaryTokenFinding,
  Assertion: assertionFinding,
  Signature: (document, element) =>
    findingOf("signature", "Signature", () => signatureFinding(document, parseSignature(document, element))),
};

function xmlFinding(octets: Buffer): Finding {
  return findingOf("xml", "XML", () => {
    const document = scan(Buffer.from(octets));
    const own = read(document, 0);
    if (own !== undefined) return own;
    const parts: Finding[] = [];
    for (let element = 1; element < document.elementCount && parts.length < maxParts; ) {
      const part = read(document, element);
      if (part !== undefined) parts.push(part);
      element = part === undefined ? element + 1 : document.after(element);
    }
    const envelope = document.localName(0) === "Envelope";
    return {
      kind: envelope ? "soap-message" : "xml",
      summary: envelope ? "SOAP message" : `XML document ${document.qualifiedName(0)}`,
      fields: { namespace: document.namespace(0), elements: document.elementCount, octets: octets.length },
      parts,
    };
  });
}

function read(document: XmlDocument, element: number): Finding | undefined {
  const name = document.localName(element);
  return Object.hasOwn(readers, name) ? readers[name]?.(document, element) : undefined;
}
