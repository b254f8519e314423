import { type ContentCipher, contentCipher, signatureAlgorithm } from "../crypto/index.js";
import { ConfigurationError, nearest } from "../errors/index.js";
import type {
  ResponseRule,
  SessionTicketResponse,
  SubjectKey,
  ValueSource,
  WsSecurityResponse,
} from "../identity/index.js";
import { AliasReader, type AliasVariables } from "./alias-reader.js";
import { checkResponse } from "./check.js";

/** Options of {@link responseFromVariables}. */
export interface AliasOptions {
  /**
   * What becomes of algorithms that are not safe: RSA-SHA1, rsa-1_5, tripledes-cbc and other CBC ciphers. `"refuse"`
   * (default): a start-up error. `"strengthen"`: RSA-SHA256, RSA-OAEP and AES-256-GCM take their place. They are never used.
   */
  readonly legacy?: "refuse" | "strengthen" | undefined;
  /** Certificates to encrypt for, PEM, by the role that a variable names. */
  readonly certificates?: Readonly<Record<string, ValueSource>> | undefined;
}

/** Variables of the response attribute for WS-Security headers. */
const securityNames = [
  "TXM_WSSEC_TOKEN_TYPE",
  "TXM_WSSEC_USER_PASSWORD",
  "TXM_WSSEC_ROLE",
  "TXM_WSSEC_TIMESTAMP",
  "TXM_WSSEC_TIMESTAMP_EXPIRY",
  "TXM_WSSEC_SIGNATURE",
  "TXM_WSSEC_SIGNATURE_ALG",
  "TXM_WSSEC_SAML20_ASSERTION",
  "TXM_WSSEC_SAML20_SPID",
  "TXM_WSSEC_SAML_AFFILIATE",
  "TXM_WSSEC_SAML_ROLE",
  "TXM_WSSEC_SAML_SIG_REQUIRED",
  "TXM_WSSEC_SAML_USER_CERT_SRC",
  "TXM_WSSEC_SAML_USER_CERT",
  "TXM_WSSEC_SAML_ENCRYPT_PUB_KEY_ROLE",
  "TXM_WSSEC_ENCRYPT_PUB_KEY_ROLE",
  "TXM_WSSEC_SAML_ENCRYPT_ALG_KEY",
  "TXM_WSSEC_SAML_ENCRYPT_ALG_DATA",
  "TXM_WSSEC_SAML_ENCRYPT_ELEMENT",
  "TXM_WSSEC_SAML_ENCRYPT_OR_SIGN_FIRST",
  "TXM_WSSEC_MUST_UNDERSTAND",
  "TXM_WSSEC_REMOVE",
] as const;

/** Variables of the response attribute for session tickets. */
const ticketNames = [
  "TXM_SAML_Location",
  "TXM_Force_Logon",
  "TXM_Public_Key",
  "TXM_User_Cert",
  "TXM_Sign_Assertion",
] as const;

type Maker = (variables: AliasVariables, options: AliasOptions, attribute: string) => readonly ResponseRule[];

const makers: Readonly<Record<string, Maker>> = {
  "WebAgent-WS-Security-Token": (variables, options, attribute) => [
    securityHeader(new AliasReader(attribute, variables, securityNames), options),
  ],
  "WebAgent-SAML-Session-Ticket-Variable": (variables, _, attribute) => [
    sessionTicket(new AliasReader(attribute, variables, ticketNames)),
  ],
  "WebAgent-HTTP-Header-Variable": (variables, _, attribute) =>
    named(variables, attribute).map(([name, value]) => ({ kind: "header", name, value })),
  "WebAgent-HTTP-Cookie-Variable": (variables, _, attribute) =>
    named(variables, attribute).map(([name, value]) => ({ kind: "cookie", name, value })),
};

/**
 * The responses that a response attribute of the product family stands for, so that a policy can be carried over as it is.
 *
 *     responseFromVariables("WebAgent-WS-Security-Token", ["TXM_WSSEC_TOKEN_TYPE=X509", "TXM_WSSEC_SIGNATURE=body_ts"])
 *
 * @param variables `NAME=value` lines as they are configured there (`<%userattr="mail"%>` is a user attribute), or values by name.
 * @throws ConfigurationError ERR_CONFIG_INVALID for names that are not known, naming the nearest that is, and for what cannot
 * work here; ERR_CONFIG_INSECURE for algorithms that are not safe
 */
export function responseFromVariables(
  attribute: string,
  variables: AliasVariables,
  options: AliasOptions = {},
): readonly ResponseRule[] {
  const make = Object.hasOwn(makers, attribute) ? makers[attribute] : undefined;
  if (make === undefined) {
    const names = Object.keys(makers);
    const meant = nearest(attribute, names);
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      attribute,
      "There is no such response attribute here.",
      meant === undefined ? `There are ${names.join(", ")}.` : `Did you mean ${meant}?`,
    );
  }
  const responses = make(variables, options, attribute);
  for (const response of responses) checkResponse(response, attribute);
  return responses;
}

function securityHeader(read: AliasReader, options: AliasOptions): WsSecurityResponse<ValueSource> {
  const isSaml20 = read.flag("TXM_WSSEC_SAML20_ASSERTION") ?? false;
  const token = read.word("TXM_WSSEC_TOKEN_TYPE", {
    password: "password-digest",
    password_nodigest: "password",
    X509: "x509",
    SAML: isSaml20 ? "saml2" : "saml11",
  } as const);
  if (token === undefined) return read.fail("TXM_WSSEC_TOKEN_TYPE", "It is missing.", "Say which token.");
  const saml = token === "saml2" || token === "saml11";
  if (saml && read.text("TXM_WSSEC_SAML_AFFILIATE") === undefined) {
    read.fail("TXM_WSSEC_SAML_AFFILIATE", "It is missing.", "Name the affiliate, as agent.affiliates does.");
  }
  const confirm = saml ? confirmation(read) : undefined;
  return present({
    kind: "ws-security",
    token,
    password: read.source("TXM_WSSEC_USER_PASSWORD"),
    actor: read.text("TXM_WSSEC_ROLE") ?? read.text("TXM_WSSEC_SAML_ROLE"),
    timestamp: read.flag("TXM_WSSEC_TIMESTAMP"),
    expirySeconds: read.seconds("TXM_WSSEC_TIMESTAMP_EXPIRY"),
    signature: read.word("TXM_WSSEC_SIGNATURE", {
      all: "all",
      body_ts: "body-timestamp",
      body: "body",
      headers: "headers",
    } as const),
    algorithm: signatureMethod(read, options),
    confirm,
    key: confirm === "holder-of-key" ? subjectKey(read) : undefined,
    audience: read.text("TXM_WSSEC_SAML20_SPID"),
    affiliate: read.text("TXM_WSSEC_SAML_AFFILIATE"),
    encrypt: encryption(read, options),
    mustUnderstand: read.flag("TXM_WSSEC_MUST_UNDERSTAND"),
    remove: read.flag("TXM_WSSEC_REMOVE"),
  });
}

/** `hk`, `sv`; anything else is a bearer's. */
function confirmation(read: AliasReader): NonNullable<WsSecurityResponse<ValueSource>["confirm"]> {
  const word = read.text("TXM_WSSEC_SAML_SIG_REQUIRED")?.toLowerCase();
  return word === "hk" ? "holder-of-key" : word === "sv" ? "sender-vouches" : "bearer";
}

function subjectKey(read: AliasReader): SubjectKey<ValueSource> | undefined {
  return keyOf(read, "TXM_WSSEC_SAML_USER_CERT_SRC", "TXM_WSSEC_SAML_USER_CERT");
}

function keyOf(read: AliasReader, source: string, name: string): SubjectKey<ValueSource> | undefined {
  const from = read.word(source, { XMLDSIG: "credential", User_Store: "user" } as const);
  if (from !== "user") return from && { from };
  const attribute = read.text(name);
  if (attribute === undefined)
    return read.fail(name, "It is missing.", "Name the user attribute with the certificate.");
  return { from, value: { attribute } };
}

const more = "http://www.w3.org/2001/04/xmldsig-more#";

function signatureMethod(read: AliasReader, options: AliasOptions): string | undefined {
  const name = "TXM_WSSEC_SIGNATURE_ALG";
  const value = read.text(name);
  if (value === undefined) return undefined;
  if (/(?:^|#)rsa-sha1$/i.test(value)) return strengthened(read, name, "RSA-SHA1 signatures can be forged.", options);
  const uri = value.includes(":") ? value : `${more}${value.toLowerCase()}`;
  return signatureAlgorithm(uri) ? uri : read.fail(name, "There is no such signature method here.", "Write its URI.");
}

function encryption(read: AliasReader, options: AliasOptions): WsSecurityResponse<ValueSource>["encrypt"] {
  const elements = read.all("TXM_WSSEC_SAML_ENCRYPT_ELEMENT").map((element) => {
    if (element === "Assertion") return "assertion";
    if (element === "Body") return "body";
    return read.fail("TXM_WSSEC_SAML_ENCRYPT_ELEMENT", "It has no such value.", "Write Assertion or Body.");
  });
  const algorithm = cipher(read, options);
  checkKeyTransport(read, options);
  const order = read.word("TXM_WSSEC_SAML_ENCRYPT_OR_SIGN_FIRST", {
    sign: "sign-then-encrypt",
    encrypt: "encrypt-then-sign",
  } as const);
  const saml = "TXM_WSSEC_SAML_ENCRYPT_PUB_KEY_ROLE";
  const name = read.text(saml) === undefined ? "TXM_WSSEC_ENCRYPT_PUB_KEY_ROLE" : saml;
  const role = read.text(name);
  if (elements.length === 0) return undefined;
  const certificate =
    role !== undefined && Object.hasOwn(options.certificates ?? {}, role) ? options.certificates?.[role] : undefined;
  if (certificate === undefined) {
    return read.fail(
      name,
      "It names nobody whose certificate is known.",
      "Give the certificate in certificates, by this role.",
    );
  }
  return present({ certificate, elements, order, algorithm });
}

function cipher(read: AliasReader, options: AliasOptions): string | undefined {
  const name = "TXM_WSSEC_SAML_ENCRYPT_ALG_DATA";
  const value = read.text(name);
  if (value === undefined) return undefined;
  const uri = ["http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"]
    .map((prefix) => (value.includes(":") ? value : `${prefix}${value.toLowerCase()}`))
    .find((one) => contentCipher(one) !== undefined);
  const found: ContentCipher | undefined = uri === undefined ? undefined : contentCipher(uri);
  if (found?.authenticated) return uri;
  if (/-cbc$/i.test(value)) return strengthened(read, name, "CBC does not authenticate.", options);
  return read.fail(name, "There is no such content cipher here.", "Write its URI.");
}

function checkKeyTransport(read: AliasReader, options: AliasOptions): void {
  const name = "TXM_WSSEC_SAML_ENCRYPT_ALG_KEY";
  const value = read.text(name);
  if (value === undefined || /(?:^|#)rsa-oaep(?:-mgf1p)?$/i.test(value)) return;
  if (/(?:^|#)rsa-1_5$/i.test(value)) strengthened(read, name, "PKCS #1 v1.5 tells attackers the key.", options);
  else read.fail(name, "There is no such key transport here.", "Use rsa-oaep.");
}

/** Nothing, so that the default takes the place of what is not safe; only where that was asked for. */
function strengthened(read: AliasReader, name: string, reason: string, { legacy }: AliasOptions): undefined {
  if (legacy === "strengthen") return undefined;
  return read.fail(
    name,
    reason,
    'Remove it, or set legacy: "strengthen" to have the default in its place.',
    "ERR_CONFIG_INSECURE",
  );
}

function sessionTicket(read: AliasReader): SessionTicketResponse<ValueSource> {
  const place = read.word("TXM_SAML_Location", {
    Envelope_Header: "envelope",
    HTTP_Header: "header",
    Cookie_Header: "cookie",
  } as const);
  if (place === undefined) return read.fail("TXM_SAML_Location", "It is missing.", "Say where the assertion goes.");
  return present({
    kind: "saml-session-ticket",
    in: place,
    key: keyOf(read, "TXM_Public_Key", "TXM_User_Cert"),
    sign: read.flag("TXM_Sign_Assertion"),
    forceLogon: read.flag("TXM_Force_Logon"),
  });
}

function named(variables: AliasVariables, attribute: string): readonly (readonly [string, ValueSource])[] {
  const names = Array.isArray(variables)
    ? (variables as readonly string[]).map((line) => line.slice(0, Math.max(0, line.indexOf("="))).trim())
    : Object.keys(variables);
  const read = new AliasReader(attribute, variables, names);
  return [...new Set(names)].flatMap((name) => read.all(name).map((value) => [name, value] as const));
}

/** Without members that are undefined. */
function present<Given extends object>(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given;
}
