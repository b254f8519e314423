import { z } from "zod";
import { type SuiteName, suites } from "../crypto/index.js";
import { checkOptions } from "../errors/index.js";
import { limitBounds } from "./limits.js";
import type { GuardOptions } from "./options.js";

const callback = z.custom<(...parameters: never[]) => unknown>(
  (value) => typeof value === "function",
  "This must be a function.",
);
/** A certificate or key as options give it. */
export const pemOrDer = z.custom<string | Uint8Array>(
  (value) => (typeof value === "string" && value.includes("-----BEGIN")) || value instanceof Uint8Array,
  "This must be PEM text or DER octets.",
);
const seconds = z
  .number()
  .int()
  .min(1)
  .max(86_400 * 365);
const texts = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const part = z.union([
  z.enum(["body", "timestamp", "addressing", "attachments"]),
  z.strictObject({ namespace: z.string(), name: z.string().min(1) }),
]);
const encryptedPart = z.union([
  z.enum(["body", "signature", "token"]),
  z.strictObject({ namespace: z.string(), name: z.string().min(1) }),
]);
const protectionOrder = z.enum(["sign-then-encrypt", "encrypt-then-sign"]);
const encrypted = z.array(encryptedPart).optional();
const protection = {
  signed: z.array(part).optional(),
  over: z.literal("transport").optional(),
  encrypted,
  order: protectionOrder.optional(),
};

/** What saml2 and saml11 have in common. */
const assertion = {
  ...protection,
  over: z.enum(["transport", "encrypted-key"]).optional(),
  audience: texts,
  confirm: z.enum(["bearer", "holder-of-key", "sender-vouches"]),
  issuers: z.array(z.string().min(1)).min(1).optional(),
  attesters: z.array(pemOrDer).min(1).optional(),
  requireAuthnStatement: z.boolean().optional(),
  oneTime: z.boolean().optional(),
  maxAgeSeconds: seconds.optional(),
};

const elementName = z.string().refine((text) => /^\{[^}]*\}[^{}]+$/.test(text), {
  error: "This names no element.",
  params: { remedy: "Write {namespace}name." },
});

const uris = z.array(z.string()).optional();

const suite = z.union([
  z.enum(Object.keys(suites) as [SuiteName]),
  z.strictObject({
    name: z.string().min(1),
    signatures: z.array(z.string()).min(1).optional(),
    digests: z.array(z.string()).min(1).optional(),
    minimumRsaBits: z.number().int().optional(),
    encryption: z
      .strictObject({
        content: uris,
        keyTransport: uris,
        keyWrap: uris,
        keyAgreement: uris,
        keyDerivation: uris,
        digests: uris,
        masks: uris,
      })
      .optional(),
  }),
]);

const contextStore = z.custom(
  (value) => typeof (value as { find?: unknown } | null)?.find === "function",
  "This must be a SecurityContextStore.",
);

/** The shape of `JwtOptions`. */
export const jwtOptions = z.strictObject({
  issuer: z.string().min(1),
  audience: texts,
  keys: z.unknown(),
  algorithms: z.array(z.string()).min(1).optional(),
  type: z.string().min(1).optional(),
  oneTime: z.boolean().optional(),
  maxAgeSeconds: seconds.optional(),
  over: z.literal("transport", 'A bearer token binds nothing to the request: it needs over: "transport".'),
});

const alternatives = [
  z.strictObject({
    kind: z.literal("username"),
    options: z.strictObject({
      verify: callback.optional(),
      secret: callback.optional(),
      digest: callback.optional(),
      over: z.enum(
        ["transport", "encrypted-key"],
        'A user name token binds nothing to the message: it needs over: "transport", or "encrypted-key".',
      ),
      signed: z.array(part).optional(),
      encrypted,
      maxAgeSeconds: seconds.optional(),
    }),
  }),
  z.strictObject({
    kind: z.literal("x509"),
    options: z.strictObject({
      ...protection,
      subjects: z
        .array(z.union([z.string().min(1), callback]))
        .min(1)
        .optional(),
      issuers: z.array(z.string().min(1)).min(1).optional(),
      account: callback.optional(),
    }),
  }),
  z.strictObject({
    kind: z.literal("saml2"),
    options: z.strictObject({ ...assertion, recipient: z.string().min(1).optional() }),
  }),
  z.strictObject({ kind: z.literal("saml11"), options: z.strictObject(assertion) }),
  z.strictObject({
    kind: z.literal("context"),
    options: z.strictObject({ ...protection, contexts: contextStore, requireDerivedKeys: z.boolean().optional() }),
  }),
  z.strictObject({ kind: z.literal("jwt"), options: jwtOptions }),
] as const;

const alternative = z.discriminatedUnion("kind", alternatives, {
  error:
    "This is no way in: make one with usernameToken(...), x509(...), saml2(...), saml11(...), securityContext(...) or jwt(...).",
});

// What a rule says of itself is told to callers who fail it, in a fault.
const description = z.string().refine((text) => /^[^\p{Cc}\p{Cs}]+$/u.test(text), {
  error: "This is empty, or holds control characters.",
  params: { remedy: "Name the claim and its values in one line." },
});

const fetchOrigin = z
  .string()
  .refine((text) => URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text), {
    error: "This is no origin.",
    params: { remedy: "Write it as http://crl.example, without a path." },
  });

const revocation = z.strictObject({
  mode: z.enum(["crl", "ocsp", "either"]),
  crls: z
    .array(z.union([z.string().min(1), z.instanceof(Uint8Array)]))
    .min(1, "An empty list revokes nothing.")
    .optional(),
  signers: z.array(pemOrDer).min(1).optional(),
  fetch: z
    .strictObject({
      allow: z.array(fetchOrigin).min(1, "Where no origin is allowed nothing can be fetched."),
      timeoutMilliseconds: z.number().int().min(1).max(60_000).optional(),
      maxAgeSeconds: seconds.optional(),
      nonce: z.boolean().optional(),
    })
    .optional(),
  softFail: z.boolean().optional(),
});

const limits = z.strictObject(
  Object.fromEntries(
    Object.entries(limitBounds).map(([name, maximum]) => [name, z.number().int().min(1).max(maximum).optional()]),
  ),
);

/** The shape of `GuardOptions`. */
export const guardOptionsSchema = z.strictObject({
  origin: z
    .string()
    .refine(
      (text) => URL.canParse(text) && new URL(text).origin === text,
      "This must be an origin such as https://orders.example, without a path.",
    ),
  trust: z
    .strictObject({
      issuers: z
        .array(
          z.strictObject({
            name: z.string().min(1),
            certificates: z.array(pemOrDer).min(1, "An issuer without certificates can vouch for nothing."),
          }),
        )
        .min(1, "An empty list trusts nobody.")
        .optional(),
      authorities: z.array(pemOrDer).min(1, "An empty list trusts nobody.").optional(),
      certificates: z.array(pemOrDer).min(1, "An empty list trusts nobody.").optional(),
      keyNames: z.record(z.string().min(1).max(1_024), pemOrDer).optional(),
      revocation: revocation.optional(),
      decryption: z
        .array(z.strictObject({ key: z.unknown(), certificate: pemOrDer }))
        .min(1, "An empty list decrypts nothing.")
        .optional(),
    })
    .optional(),
  accept: z.array(alternative).min(1, "A route that accepts nothing refuses everybody."),
  conversation: z
    .strictObject({
      contexts: contextStore,
      bootstrap: z.array(alternative).min(1, "An empty list lets nobody establish a context."),
      lifetimeSeconds: z.number().int().min(60).max(43_200).optional(),
      maxLifetimeSeconds: z.number().int().min(60).max(43_200).optional(),
    })
    .optional(),
  require: z.strictObject({ claims: z.array(z.strictObject({ description, holds: callback })).optional() }).optional(),
  inject: z
    .strictObject({
      headers: z.record(z.string(), z.union([z.string(), callback])).optional(),
      strip: z.array(z.string()).optional(),
    })
    .optional(),
  reply: z
    .strictObject({
      sign: z
        .union([
          z.strictObject({ key: z.unknown(), certificate: pemOrDer, algorithm: z.string().optional() }),
          z.enum(["context", "request-key"]),
        ])
        .optional(),
      timestamp: z.boolean().optional(),
      confirm: z.boolean().optional(),
      ttlSeconds: seconds.optional(),
      encrypt: z
        .strictObject({
          for: z.union([z.enum(["context", "request-key"]), pemOrDer]).optional(),
          parts: z.array(encryptedPart).min(1, "An empty list encrypts nothing.").optional(),
          order: protectionOrder.optional(),
          reference: z.enum(["issuer-serial", "subject-key-identifier", "thumbprint", "certificate"]).optional(),
          algorithm: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  anonymous: z.boolean().optional(),
  soap: z
    .strictObject({
      actor: z.string().min(1).optional(),
      soap12SenderStatus: z.union([z.literal(400), z.literal(500)]).optional(),
      understands: z.array(elementName).optional(),
      actions: z.record(z.string(), elementName).optional(),
    })
    .optional(),
  clockSkewSeconds: z.number().int().min(0).max(3600).optional(),
  timestamp: z
    .strictObject({
      maxAgeSeconds: seconds.optional(),
      futureSeconds: z.number().int().min(0).max(3600).optional(),
      requireExpires: z.boolean().optional(),
    })
    .optional(),
  algorithms: z.strictObject({ suite: suite.optional(), canonicalization: z.array(z.string()).optional() }).optional(),
  limits: limits.optional(),
  replay: z
    .custom(
      (value) => typeof (value as { reserve?: unknown } | null)?.reserve === "function",
      "This must be a ReplayCache.",
    )
    .optional(),
  validation: z
    .strictObject({
      by: z.custom(
        (value) => typeof (value as { statusOf?: unknown } | null | undefined)?.statusOf === "function",
        "This must be a TokenStatusSource.",
      ),
      revalidateAfterSeconds: z.number().int().min(0).max(43_200).optional(),
    })
    .optional(),
  attachments: z.boolean().optional(),
  tenant: z.string().min(1).optional(),
  audit: z.union([callback, z.strictObject({ sink: callback, mandatory: z.boolean().optional() })]).optional(),
  preciseFaults: z.boolean().optional(),
  clock: z
    .custom((value) => typeof (value as { now?: unknown } | null)?.now === "function", "This must have a now() method.")
    .optional(),
});

/**
 * Checks the shape of guard options.
 * @throws ConfigurationError with the path of the first wrong option
 */
export function checkGuardOptions(options: unknown): asserts options is GuardOptions {
  checkOptions(guardOptionsSchema, options);
}
