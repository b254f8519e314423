import { Certificate, publicKeyInfo, sha256Hex } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { BearerBinding, ServerRequest } from "../guard/index.js";
import { headerLines } from "../guard/index.js";
import { type Attributes, type ClaimSet, noClaims } from "../identity/index.js";
import type { Presentation } from "../policy/index.js";
import type { Collected } from "./collected.js";

/** Octets of the credentials of Basic, decoded: a name of 256 characters and a password of 1 KiB. */
const maxBasic = 2_048;

/**
 * Takes name and password of HTTP Basic (RFC 7617), in UTF-8.
 * @returns undefined where the request has none
 * @throws ERR_TOKEN_MALFORMED; ERR_WSS_INVALID_SECURITY where the connection is not encrypted
 */
export function collectBasic(request: ServerRequest, encrypted: boolean, issuer: string): Collected | undefined {
  const [value] = headerLines(request.headers, "authorization");
  if (value === undefined || !/^basic(?: |$)/i.test(value)) return undefined;
  if (!encrypted) refuseOpen("HTTP Basic credentials");
  const [name, password] = readBasic(value.slice("basic".length).trim());
  return {
    scheme: "basic",
    credentials: { kind: "password", name, password },
    proof: "password-text",
    replay: [],
    token: {
      kind: "username",
      principal: { name, kind: "username" },
      claims: noClaims,
      issuer,
      digest: sha256Hex(Buffer.from(name)),
    },
  };
}

function readBasic(text: string): readonly [name: string, password: string] {
  const octets = Buffer.from(text, "base64");
  if (octets.length > maxBasic || octets.toString("base64") !== text) refuseBasic("not base64 of at most 2 KiB");
  const decoded = octets.toString("utf8");
  if (!Buffer.from(decoded).equals(octets)) refuseBasic("not UTF-8");
  const colon = decoded.indexOf(":");
  if (colon === -1) refuseBasic("without colon");
  return [decoded.slice(0, colon), decoded.slice(colon + 1)];
}

function refuseBasic(reason: string): never {
  refuse("ERR_TOKEN_MALFORMED", `the credentials of HTTP Basic are ${reason}`, {
    rule: "RFC 7617, 2",
    remedy: "Send the base64 of name, colon and password in UTF-8.",
  });
}

/** Takes the client certificate of TLS, which the connection's own check has accepted; undefined where there is none. */
export function collectCertificate({ transport }: ServerRequest): Collected | undefined {
  if (!transport.encrypted || transport.peerCertificate === undefined) return undefined;
  const certificate = Certificate.parse(transport.peerCertificate);
  return {
    scheme: "certificate",
    credentials: {
      kind: "certificate",
      certificate: certificate.der,
      publicKey: publicKeyInfo(certificate.publicKey),
      subject: certificate.subject,
      issuer: certificate.issuer,
      proof: "tls",
    },
    proof: "tls-certificate",
    replay: [],
    token: {
      kind: "x509",
      principal: { name: certificate.subject, kind: "x509" },
      claims: noClaims,
      issuer: certificate.issuer,
      digest: certificate.fingerprint256,
    },
  };
}

/**
 * Takes a JWT as `Authorization: Bearer`, validated by the agent's own trust.
 * @returns undefined where the request has none
 * @throws as `BearerBinding.verify`
 */
export async function collectBearer(
  request: ServerRequest,
  bearer: BearerBinding | undefined,
  when: Pick<Presentation, "now" | "until">,
): Promise<Collected | undefined> {
  const [value] = headerLines(request.headers, "authorization");
  if (value === undefined || !/^bearer(?: |$)/i.test(value)) return undefined;
  if (bearer === undefined) {
    refuse("ERR_WSS_UNSUPPORTED_TOKEN", "the realm takes bearer tokens, and this agent trusts no issuer of any", {
      rule: "agent.bearer",
      remedy: "Name the issuers.",
    });
  }
  const { token } = await bearer.verify(request, when);
  return {
    scheme: "bearer",
    credentials: {
      kind: "bearer",
      issuer: token.issuer,
      name: token.principal.name,
      attributes: attributesOf(token.claims),
    },
    proof: "bearer",
    replay: token.replay,
    token,
  };
}

/** The values of claims by type. */
export function attributesOf(claims: ClaimSet): Attributes {
  const attributes: Record<string, readonly string[]> = Object.create(null);
  for (const { type } of claims) attributes[type] ??= claims.values(type);
  return attributes;
}

function refuseOpen(what: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", `${what} came over a connection that is not encrypted`, {
    rule: "RFC 7617, 4",
    remedy: "Use TLS; where a proxy ends it, name that proxy as trusted. The password sent is no secret any more.",
  });
}
