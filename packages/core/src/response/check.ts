import { z } from "zod";
import { contentCipher, signatureAlgorithm } from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";
import { requireHeaderName } from "../http/index.js";
import type { ResponseOf, ValueSource, WsSecurityResponse } from "../identity/index.js";

const text = z.string().min(1);
const source = z.union(
  [
    z.string(),
    z.strictObject({ attribute: text }),
    z.strictObject({ variable: text }),
    z.strictObject({ user: z.literal(true) }),
    z.strictObject({ compute: z.custom<unknown>((value) => typeof value === "function", "This must be a function.") }),
  ],
  "This is no value: give text, attribute(...), variable(...), userName or computed(...).",
);
const key = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("credential") }),
  z.strictObject({ from: z.literal("document"), path: text, namespaces: z.record(z.string(), z.string()).optional() }),
  z.strictObject({ from: z.literal("user"), value: source }),
  z.strictObject({ from: z.literal("none") }),
]);
const seconds = z.number().int().min(1).max(86_400);
const order = z.enum(["sign-then-encrypt", "encrypt-then-sign"]);

const response = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("ws-security"),
    token: z.enum(["password", "password-digest", "x509", "saml11", "saml2"]),
    password: source.optional(),
    actor: text.optional(),
    timestamp: z.boolean().optional(),
    expirySeconds: seconds.optional(),
    signature: z.enum(["all", "body-timestamp", "body", "headers"]).optional(),
    algorithm: text.optional(),
    confirm: z.enum(["holder-of-key", "sender-vouches", "bearer"]).optional(),
    key: key.optional(),
    audience: text.optional(),
    affiliate: text.optional(),
    attributes: z.record(text, z.array(source)).optional(),
    encrypt: z
      .strictObject({
        certificate: source,
        elements: z.array(z.enum(["assertion", "body"])).min(1),
        order: order.optional(),
        algorithm: text.optional(),
      })
      .optional(),
    mustUnderstand: z.boolean().optional(),
    remove: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal("saml-session-ticket"),
    in: z.enum(["envelope", "header", "cookie"]).optional(),
    key: key.optional(),
    sign: z.boolean().optional(),
    encryptKey: z.boolean().optional(),
    audience: text.optional(),
    expirySeconds: seconds.optional(),
    forceLogon: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal("header"), name: text, value: source }),
  z.strictObject({ kind: z.literal("cookie"), name: text, value: source }),
]);

const cookieName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether a text may name a cookie (RFC 6265 section 4.1.1). */
export const isCookieName = (name: string): boolean => cookieName.test(name);

/**
 * Checks a response as a policy binds it.
 * @param option Path of the option that holds it, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for what is no response, and for options that cannot work together;
 * ERR_CONFIG_INSECURE for algorithms that are not safe
 */
export function checkResponse(given: unknown, option: string): asserts given is ResponseOf<ValueSource> {
  const result = response.safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = [option, ...(issue?.path ?? []).map(String)].join(".");
    invalid(
      path,
      `${issue?.message ?? "This is no response"}.`.replace(/\.+$/, "."),
      "See the options of this response.",
    );
  }
  const checked = given as ResponseOf<ValueSource>;
  if (checked.kind === "ws-security") checkSecurityHeader(checked, option);
  else if (checked.kind === "header") requireHeaderName(checked.name, `${option}.name`);
  else if (checked.kind === "cookie" && !isCookieName(checked.name)) {
    invalid(`${option}.name`, "This is no cookie name.", "Use letters, digits and hyphens.");
  }
}

function checkSecurityHeader(given: WsSecurityResponse<unknown>, option: string): void {
  const fault = securityHeaderFault(given);
  if (fault !== undefined) invalid(`${option}.${fault.option}`, fault.reason, fault.remedy);
  if (given.algorithm !== undefined) {
    const algorithm = signatureAlgorithm(given.algorithm);
    if (algorithm === undefined || algorithm.family === "hmac") {
      invalid(
        `${option}.algorithm`,
        "This is no signature method that is supported.",
        "Leave it out, or name one with SHA-256.",
      );
    }
    if (algorithm.legacy) insecure(`${option}.algorithm`, "SHA-1 signatures can be forged.");
  }
  const cipher = given.encrypt?.algorithm;
  if (cipher === undefined || contentCipher(cipher)?.authenticated) return;
  insecure(`${option}.encrypt.algorithm`, "This is no content cipher that authenticates.");
}

/** Why a WS-Security response cannot work, whoever the user is; undefined where it may. */
export function securityHeaderFault(
  given: WsSecurityResponse<unknown>,
): { readonly option: string; readonly reason: string; readonly remedy: string } | undefined {
  const fault = (option: string, reason: string, remedy: string) => ({ option, reason, remedy });
  const saml = isSaml(given);
  const { token, confirm = "holder-of-key", signature, timestamp = true, encrypt } = given;
  if (!saml && token !== "x509" && (given.password === undefined || given.password === "")) {
    return fault("password", "This token is made of the user's password.", "Give it: a user attribute, or text.");
  }
  if ((saml || token === "x509") && given.password !== undefined) {
    return fault("password", "No password is in this token.", "Remove the option.");
  }
  if (saml && given.audience === undefined && given.affiliate === undefined) {
    return fault("audience", "Without audience any service would take it.", "Name the services that may take it.");
  }
  for (const name of ["confirm", "key", "audience", "affiliate", "attributes"] as const) {
    if (!saml && given[name] !== undefined) return fault(name, "Only SAML tokens have this.", "Remove the option.");
  }
  if (saml && confirm !== "holder-of-key" && given.key !== undefined) {
    return fault(
      "key",
      "Only a holder-of-key assertion names a key.",
      'Use confirm: "holder-of-key", or remove the key.',
    );
  }
  if (saml && confirm === "holder-of-key" && given.key?.from === "none") {
    return fault("key", "A holder-of-key assertion names the key of its holder.", "Say where the key comes from.");
  }
  if (saml && confirm === "holder-of-key" && signature !== undefined) {
    return fault("signature", "A message with this token is signed by its holder.", "Remove the option.");
  }
  if (saml && confirm === "sender-vouches" && signature === "headers") {
    return fault("signature", "Who vouches signs the Body too.", 'Use "body-timestamp" or "all".');
  }
  if (!timestamp && signature === "body-timestamp") {
    return fault("timestamp", "The signature is to cover it.", 'Keep the Timestamp, or use signature: "body".');
  }
  if (encrypt?.elements.includes("assertion") && !saml) {
    return fault("encrypt.elements", "There is no assertion in this token.", 'Leave "assertion" out.');
  }
  return undefined;
}

/** Whether the token is an assertion. */
export const isSaml = ({ token }: Pick<WsSecurityResponse<unknown>, "token">): boolean =>
  token === "saml11" || token === "saml2";

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}

function insecure(option: string, reason: string): never {
  throw new ConfigurationError("ERR_CONFIG_INSECURE", option, reason, "Leave the option out.");
}
