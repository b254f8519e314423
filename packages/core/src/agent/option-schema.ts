import { z } from "zod";
import { checkOptions } from "../errors/index.js";
import { guardOptionsSchema, jwtOptions, pemOrDer } from "../guard/index.js";
import { identityHeaderNames } from "../response/index.js";
import type { AgentGuardOptions } from "./options.js";

const token = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, "This is no name that HTTP allows.");
const mediaType = z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/, "Write a media type such as text/xml, in small letters.");
const text = z.string().min(1);

const agent = z.strictObject({
  decisionPoint: z.custom(
    (value) => typeof (value as { isProtected?: unknown } | null)?.isProtected === "function",
    "This must be a decision point: policyServer(...), or a remote one.",
  ),
  name: text.max(256).optional(),
  acceptSessionCookie: z.boolean().optional(),
  sessionCookie: z.strictObject({ name: token.optional(), reply: z.boolean().optional() }).optional(),
  identityHeaders: z
    .union([
      z.literal(false),
      z.strictObject({
        spelling: z.enum(["underscore", "hyphen"]).optional(),
        without: z.array(z.enum(identityHeaderNames)).optional(),
      }),
    ])
    .optional(),
  directory: z.strictObject({ namespace: text.optional(), oid: text.optional(), server: text.optional() }).optional(),
  sign: z.strictObject({ key: z.unknown(), certificate: z.unknown(), issuer: text.optional() }).optional(),
  tickets: z
    .strictObject({
      keys: z.custom(
        (value) => typeof (value as { find?: unknown } | null)?.find === "function",
        "This must be a key ring: keyRing([...]).",
      ),
      tenant: text.max(256).optional(),
    })
    .optional(),
  affiliates: z.record(text, z.strictObject({ issuer: text.optional(), audience: text.optional() })).optional(),
  forwardPasswords: z.boolean().optional(),
  bearer: z.array(jwtOptions).min(1, "An empty list trusts nobody.").optional(),
  attesters: z.array(pemOrDer).min(1, "An empty list lets nobody vouch.").optional(),
  xmlTypes: z.array(mediaType).optional(),
  facts: z.record(text, z.string()).optional(),
  cache: z
    .strictObject({
      seconds: z.number().int().min(1).max(3_600),
      entries: z.number().int().min(1).max(1_000_000).optional(),
    })
    .optional(),
  signatureReplaySeconds: z.number().int().min(60).max(86_400).optional(),
});

const agentGuardOptions = guardOptionsSchema
  .omit({ accept: true, conversation: true, require: true, reply: true, anonymous: true, validation: true })
  .extend({ agent });

/**
 * Checks the shape of an agent's options.
 * @throws ConfigurationError with the path of the first wrong option
 */
export function checkAgentOptions(options: unknown): asserts options is AgentGuardOptions {
  checkOptions(agentGuardOptions, options);
}
