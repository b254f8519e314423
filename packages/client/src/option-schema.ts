import { allowInsecureTransport, ConfigurationError, toConfigurationError } from "@countersign/core/sts";
import { z } from "zod";
import type { ClientOptions } from "./options.js";

const callback = z.custom((value) => typeof value === "function", "This must be a function.");
const hasMethod = (name: string, message: string) =>
  z.custom((value) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function", message);
const pemOrDer = z.custom(
  (value) => (typeof value === "string" && value.includes("-----BEGIN")) || value instanceof Uint8Array,
  "This must be PEM text or DER octets.",
);
const pem = z.union([z.string().min(1), z.instanceof(Uint8Array)]);
const seconds = (maximum: number) => z.number().int().min(1).max(maximum);
const url = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), "This must be an https URL.");

const tls = z
  .strictObject({
    ca: z.union([pem, z.array(pem).min(1)]).optional(),
    certificate: pem.optional(),
    key: pem.optional(),
  })
  .refine(
    ({ certificate, key }) => (certificate === undefined) === (key === undefined),
    "A client certificate needs its key, and a key its certificate.",
  );

const broker = z.strictObject({
  url,
  certificates: z.array(pemOrDer).min(1).optional(),
  signedReplies: z.boolean().optional(),
  soapVersion: z.enum(["1.1", "1.2"]).optional(),
  tls: tls.optional(),
  timeoutSeconds: seconds(30).optional(),
});

const clientOptions = z.strictObject({
  broker: z.union([broker, z.array(broker).min(1, "An empty list gives no tokens.")]).optional(),
  credentials: callback.optional(),
  password: z.enum(["text", "digest"]).optional(),
  key: z
    .strictObject({
      privateKey: z.unknown(),
      certificate: pemOrDer.optional(),
      algorithm: z.string().optional(),
      reference: z.enum(["certificate", "thumbprint", "issuer-serial", "subject-key-identifier"]).optional(),
    })
    .optional(),
  bearer: callback.optional(),
  keyType: z.enum(["bearer", "public-key"]).optional(),
  tokenType: z.enum(["saml2", "saml11"]).optional(),
  claims: z.array(z.string().min(1)).max(50).optional(),
  tokenLifetimeSeconds: seconds(43_200).optional(),
  marginSeconds: z.number().int().min(1).max(3600).optional(),
  conversation: z
    .strictObject({
      version: z.enum(["1.3", "2005/02"]).optional(),
      derivedKeys: z.boolean().optional(),
      lifetimeSeconds: seconds(43_200).optional(),
      renewalSeconds: z.number().int().min(1).max(3600).optional(),
    })
    .optional(),
  tls: tls.optional(),
  reply: z
    .strictObject({
      signed: z.boolean().optional(),
      certificates: z.array(pemOrDer).min(1).optional(),
      confirmed: z.boolean().optional(),
      encrypted: z.boolean().optional(),
    })
    .optional(),
  encrypt: z
    .strictObject({
      for: z.union([z.literal("context"), pemOrDer]),
      parts: z
        .array(
          z.union([
            z.enum(["body", "signature", "token"]),
            z.strictObject({ namespace: z.string(), name: z.string().min(1) }),
          ]),
        )
        .min(1, "An empty list encrypts nothing.")
        .optional(),
      order: z.enum(["sign-then-encrypt", "encrypt-then-sign"]).optional(),
      reference: z.enum(["issuer-serial", "subject-key-identifier", "thumbprint", "certificate"]).optional(),
      algorithm: z.string().optional(),
    })
    .optional(),
  decryption: z
    .array(z.strictObject({ key: z.unknown(), certificate: pemOrDer }))
    .min(1, "An empty list decrypts nothing.")
    .optional(),
  addressing: z.boolean().optional(),
  timestampSeconds: seconds(3600).optional(),
  timeoutSeconds: seconds(600).optional(),
  maxReply: z
    .number()
    .int()
    .min(1024)
    .max(16 << 20)
    .optional(),
  clockSkewSeconds: z.number().int().min(0).max(3600).optional(),
  clock: hasMethod("now", "This must have a now() method.").optional(),
  transport: hasMethod("send", "This must be an HttpTransport.").optional(),
});

/** The ways in which a requestor proves itself. */
export type CredentialKind = "issued" | "username" | "x509" | "jwt";

/**
 * Checks client options, and tells which kind of credential they describe. Keys and certificates are checked where they
 * are loaded.
 * @throws ConfigurationError with the path of the first wrong option
 */
export function checkClientOptions(options: ClientOptions): CredentialKind {
  const result = clientOptions.safeParse(options);
  if (!result.success) throw toConfigurationError(result.error);
  const kind = kindOf(options);
  checkBelonging(options, kind);
  if (options.conversation === undefined) {
    checkReply("reply", options.reply?.signed ?? false, options.reply?.certificates, "reply.certificates");
  } else checkConversation(options, kind);
  checkBrokers(options);
  if (options.reply?.encrypted && options.decryption === undefined && options.conversation === undefined) {
    invalid("reply.encrypted", "There is no key that replies could be encrypted for.", "Set decryption.");
  }
  if (kind === "jwt" && options.encrypt !== undefined) {
    invalid(
      "encrypt",
      "A JWT travels in the Authorization header, and its messages have no Security header.",
      "Remove it.",
    );
  }
  if (options.encrypt?.for === "context") checkContextEncryption(options);
  if (options.reply?.confirmed && !options.reply.signed) {
    invalid("reply.confirmed", "An unsigned confirmation confirms nothing.", "Set reply.signed too.");
  }
  return kind;
}

function checkBrokers(options: ClientOptions): void {
  const { broker } = options;
  for (const [index, { url, signedReplies = false, certificates }] of (broker ? [broker].flat() : []).entries()) {
    const path = Array.isArray(broker) ? `broker[${index}]` : "broker";
    checkReply(`${path}.signedReplies`, signedReplies, certificates, `${path}.certificates`);
    if (new URL(url).protocol === "http:" && !options[allowInsecureTransport]) {
      insecure(`${path}.url`, "The password would travel unencrypted.");
    }
  }
}

function kindOf({ broker, credentials, key, bearer }: ClientOptions): CredentialKind {
  if (bearer !== undefined) {
    if (broker === undefined && credentials === undefined && key === undefined) return "jwt";
    invalid("bearer", "A JWT stands alone.", "Remove broker, credentials and key.");
  }
  if (broker !== undefined) {
    if (credentials !== undefined) return "issued";
    invalid("credentials", "The broker must know who asks.", "Give a callback that returns name and password.");
  }
  if (credentials !== undefined) {
    if (key === undefined) return "username";
    invalid("key", "Without a broker, a client proves itself by password or by key.", "Remove one of them.");
  }
  if (key?.certificate !== undefined) return "x509";
  return invalid(
    "options",
    "The client has nothing to prove itself with.",
    "Give broker and credentials, credentials, key with certificate, or bearer.",
  );
}

/** An option that would have no effect is a misunderstanding. */
function checkBelonging(options: ClientOptions, kind: CredentialKind): void {
  const issuedOnly = ["keyType", "tokenType", "claims", "tokenLifetimeSeconds", "marginSeconds"] as const;
  for (const name of issuedOnly) {
    if (kind !== "issued" && options[name] !== undefined)
      invalid(name, "It is for tokens from a broker.", "Remove it.");
  }
  if (options.password !== undefined && options.credentials === undefined)
    invalid("password", "There are no credentials.", "Remove it.");
  if (kind === "issued" && options.key !== undefined && options.keyType !== "public-key") {
    invalid("key", "A bearer token is tied to no key.", 'Set keyType: "public-key", or remove the key.');
  }
}

function checkConversation({ reply }: ClientOptions, kind: CredentialKind): void {
  if (kind === "jwt") {
    invalid("conversation", "A JWT establishes no context.", "Give credentials, or a key with certificate.");
  }
  if (reply?.signed && !reply.confirmed) {
    insecure(
      "reply.confirmed",
      "One secret signs in both directions: an earlier request could pass for the reply.",
      "Set it too.",
    );
  }
}

function checkContextEncryption({ conversation, encrypt }: ClientOptions): void {
  if (conversation === undefined) invalid("encrypt.for", "There is no conversation.", "Set conversation too.");
  if (encrypt?.reference !== undefined) {
    invalid("encrypt.reference", "A context is named by its identifier.", "Remove it.");
  }
}

function checkReply(option: string, signed: boolean, certificates: unknown, where: string): void {
  if (signed && certificates === undefined)
    invalid(where, `${option} demands signatures, and nobody's count.`, "List the signer's certificate.");
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}

const useHttps = "Use https, or allowInsecureTransport on a development machine.";

function insecure(option: string, reason: string, remedy = useHttps): never {
  throw new ConfigurationError("ERR_CONFIG_INSECURE", option, reason, remedy);
}
