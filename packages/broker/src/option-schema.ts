import { allowInsecureTransport, ConfigurationError, toConfigurationError } from "@countersign/core/sts";
import { z } from "zod";
import type { BrokerOptions } from "./options.js";

const hasMethod = (name: string, message: string) =>
  z.custom((value) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function", message);
const callback = z.custom((value) => typeof value === "function", "This must be a function.");
const pemOrDer = z.custom(
  (value) => (typeof value === "string" && value.includes("-----BEGIN")) || value instanceof Uint8Array,
  "This must be PEM text or DER octets.",
);
const texts = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
/** The longest life that a token may have at all: 12 hours. */
const lifetime = z.number().int().min(1).max(43_200, "No token lives longer than 43,200 s (12 h).");

const relyingParty = z.strictObject({
  appliesTo: texts,
  audience: z.string().min(1).optional(),
  tokenTypes: z
    .array(z.enum(["saml2", "saml11"]))
    .min(1)
    .optional(),
  keyTypes: z
    .array(z.enum(["bearer", "public-key"]))
    .min(1)
    .optional(),
  claims: z.array(z.string().min(1)).optional(),
  lifetimeSeconds: lifetime.optional(),
  maxLifetimeSeconds: lifetime.optional(),
  renewAfterExpirySeconds: z
    .number()
    .int()
    .min(0)
    .max(1800, "No token is renewed more than 1,800 s after its end.")
    .optional(),
});

const someTexts = z.array(z.string().min(1)).min(1, "An empty list allows nothing: remove the rule.");
const delegationRule = z.strictObject({
  delegates: someTexts,
  kinds: z.array(z.enum(["on-behalf-of", "act-as"])).min(1),
  audiences: someTexts,
  appliesTo: someTexts,
  subjects: someTexts.optional(),
  claims: z.array(z.string().min(1)).optional(),
  delegateClaims: z.record(z.string().min(1), z.string()).optional(),
  maxDepth: z.number().int().min(1).max(10).optional(),
  maxLifetimeSeconds: lifetime.optional(),
  during: callback.optional(),
});

const brokerOptions = z.strictObject({
  issuer: z.string().min(1).max(1024),
  origin: z.string().refine(isOrigin, "This must be an origin such as https://sts.example, without a path."),
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9\-._~/]*$/, "This must be an absolute path without query.")
    .optional(),
  signing: z.strictObject({
    key: z.unknown(),
    certificate: pemOrDer,
    algorithm: z.string().optional(),
    previous: z.array(pemOrDer).optional(),
  }),
  identityProvider: z.union([
    callback,
    hasMethod("authenticate", "This must be a function, or have a method authenticate."),
  ]),
  relyingParties: z.array(relyingParty).min(1, "A broker without relying parties can issue nothing."),
  delegation: z.array(delegationRule).optional(),
  tokens: hasMethod("revoke", "This must be an IssuedTokenStore.").optional(),
  lifetime: z.strictObject({ defaultSeconds: lifetime.optional(), maxSeconds: lifetime.optional() }).optional(),
  signReplies: z.boolean().optional(),
  clockSkewSeconds: z.number().int().min(0).max(3600).optional(),
  limits: z.record(z.string(), z.unknown()).optional(),
  replay: hasMethod("reserve", "This must be a ReplayCache.").optional(),
  audit: z.union([callback, z.strictObject({ sink: callback, mandatory: z.boolean().optional() })]).optional(),
  clock: hasMethod("now", "This must have a now() method.").optional(),
});

/**
 * Checks the shape of broker options. Keys, certificates and limits are checked where they are loaded.
 * @throws ConfigurationError with the path of the first wrong option
 */
export function checkBrokerOptions(options: BrokerOptions): void {
  const result = brokerOptions.safeParse(options);
  if (!result.success) throw toConfigurationError(result.error);
  const { defaultSeconds = 1800, maxSeconds = 43_200 } = options.lifetime ?? {};
  if (defaultSeconds > maxSeconds) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "lifetime.defaultSeconds",
      `${defaultSeconds} s are more than the maximum of ${maxSeconds} s.`,
      "Lower it, or raise lifetime.maxSeconds.",
    );
  }
  if (new URL(options.origin).protocol !== "https:" && options[allowInsecureTransport] !== true) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "origin",
      "Passwords and tokens would travel unencrypted.",
      "Use https, or allowInsecureTransport on a development machine.",
    );
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text);
}
