import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { decodeBase64, maxCertificateOctets } from "../crypto/index.js";
import { ConfigurationError, refuse } from "../errors/index.js";
import type { RequestHeaders, Transport } from "../guard/index.js";

/**
 * Proxies in front of this service that end TLS. Without this option no forwarding header is believed from anyone.
 *
 * | Peer of the socket | TLS, address, certificate come from |
 * |---|---|
 * | not listed in `trust` | the socket; forwarding headers are ignored |
 * | listed | the headers; where one is absent: not TLS, the peer's address, no certificate |
 */
export interface ProxyOptions {
  /** Addresses and CIDR ranges of the proxies, for example `["10.0.0.7", "fd00::/64"]`. */
  readonly trust: readonly string[];
  /** Names of the headers that the proxies set, and remove where a requestor sends them. */
  readonly headers?:
    | {
        /** Scheme of each hop. Counts as TLS where every value is `https`. Default `x-forwarded-proto`. */
        readonly scheme?: string | undefined;
        /** Addresses of the hops, the nearest last. Default `x-forwarded-for`. */
        readonly address?: string | undefined;
        /**
         * The requestor's certificate, which the proxy has verified: DER in base64, bare or between colons (RFC 9440), or
         * percent-encoded PEM. Default: none is believed.
         */
        readonly certificate?: string | undefined;
      }
    | undefined;
}

/** Tells what is known of a request's connection. */
export type TransportReader = (request: IncomingMessage, lines: RequestHeaders) => Transport;

/**
 * Compiles the transport rules of a route.
 * @throws ConfigurationError for an address that is none, a range that trusts everyone, or a name that is not a header name
 */
export function compileTransport(proxy: ProxyOptions | undefined): TransportReader {
  if (proxy === undefined) return ({ socket }) => ofSocket(socket);
  checkKeys(proxy, ["trust", "headers"], "proxy");
  checkKeys(proxy.headers ?? {}, ["scheme", "address", "certificate"], "proxy.headers");
  const trusted = compileAddresses(proxy.trust);
  const scheme = headerName(proxy.headers?.scheme ?? "x-forwarded-proto", "scheme");
  const address = headerName(proxy.headers?.address ?? "x-forwarded-for", "address");
  const certificate = proxy.headers?.certificate;
  const certificateName = certificate === undefined ? undefined : headerName(certificate, "certificate");
  return ({ socket }, lines) => {
    if (!trusted(socket.remoteAddress)) return ofSocket(socket);
    const schemes = listOf(lines, scheme);
    return {
      encrypted: schemes.length > 0 && schemes.every((value) => value.toLowerCase() === "https"),
      remoteAddress: requestorOf(listOf(lines, address), trusted) ?? socket.remoteAddress,
      peerCertificate: certificateName === undefined ? undefined : readCertificate(lines, certificateName),
    };
  };
}

function ofSocket(socket: IncomingMessage["socket"]): Transport {
  const tls = socket as Partial<TLSSocket>;
  return {
    encrypted: tls.encrypted === true,
    remoteAddress: socket.remoteAddress,
    get peerCertificate() {
      return tls.authorized === true ? tls.getPeerX509Certificate?.()?.raw : undefined;
    },
  };
}

/** The nearest hop that is not a trusted proxy; what stands left of it is hearsay. */
function requestorOf(hops: readonly string[], trusted: (address: string | undefined) => boolean): string | undefined {
  let nearest: string | undefined;
  for (const hop of hops.toReversed()) {
    const address = hop.replace(/^\[([^\]]*)\](?::\d+)?$/, "$1").replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
    if (isIP(address) === 0) return nearest;
    nearest = address;
    if (!trusted(address)) return nearest;
  }
  return nearest;
}

/** @throws ERR_HTTP_HEADERS where the header is repeated or holds no certificate */
function readCertificate(lines: RequestHeaders, name: string): Uint8Array | undefined {
  const values = lines.filter(([key]) => key === name).map(([, value]) => value.trim());
  const value = values[0] ?? "";
  if (values.length <= 1 && value === "") return undefined;
  const der = values.length > 1 ? undefined : decodeBase64(base64Of(value), { maxOctets: maxCertificateOctets });
  if (der !== undefined && der.length > 0) return der;
  refuse("ERR_HTTP_HEADERS", `the proxy's header ${name} is repeated or holds no certificate`, {
    rule: "proxy.headers.certificate",
    remedy: "Let the proxy set it once: base64 of the DER, RFC 9440, or percent-encoded PEM.",
  });
}

/** The base64 inside any of the forms; text that is none of them comes back as it is and fails to decode. */
function base64Of(value: string): string {
  if (value.startsWith(":") && value.endsWith(":")) return value.slice(1, -1);
  if (!value.startsWith("-----BEGIN")) return value;
  const pem = /^-----BEGIN CERTIFICATE-----\s*([A-Za-z0-9+/=\s]*?)\s*-----END CERTIFICATE-----\s*$/;
  return (
    pem.exec(
      value.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    )?.[1] ?? value
  );
}

const listOf = (lines: RequestHeaders, name: string): readonly string[] =>
  lines
    .filter(([key]) => key === name)
    .flatMap(([, value]) => value.split(","))
    .map((item) => item.trim());

function compileAddresses(trust: readonly string[]): (address: string | undefined) => boolean {
  if (!Array.isArray(trust) || trust.length === 0) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "proxy.trust",
      "No proxy is listed.",
      "List their addresses, or leave `proxy` out.",
    );
  }
  const list = new BlockList();
  for (const [index, entry] of trust.entries()) {
    const option = `proxy.trust[${index}]`;
    const [address = "", prefix, ...rest] = String(entry).split("/");
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (version === 0 || rest.length > 0 || !(length <= bits)) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        option,
        "This is no IP address or CIDR range.",
        "Write for example 10.0.0.7 or fd00::/64.",
      );
    }
    if (length === 0) {
      throw new ConfigurationError(
        "ERR_CONFIG_INSECURE",
        option,
        "This range trusts everyone.",
        "List the proxies' own addresses.",
      );
    }
    list.addSubnet(address, length, version === 4 ? "ipv4" : "ipv6");
  }
  return (address) => {
    const bare = address?.replace(/%.*$/, "") ?? "";
    const version = isIP(bare);
    return version !== 0 && list.check(bare, version === 4 ? "ipv4" : "ipv6");
  };
}

function headerName(name: string, option: string): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return name.toLowerCase();
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    `proxy.headers.${option}`,
    "This is not a header name.",
    "Use letters, digits and hyphens.",
  );
}

function checkKeys(options: object, known: readonly string[], path: string): void {
  const stray = Object.keys(options).find((key) => !known.includes(key));
  if (stray === undefined) return;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    `${path}.${stray}`,
    "There is no such option.",
    `Known are: ${known.join(", ")}.`,
  );
}
