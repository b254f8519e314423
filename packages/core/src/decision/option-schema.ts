import { z } from "zod";
import { checkOptions } from "../errors/index.js";
import type { PolicyServerOptions } from "./options.js";

const callback = z.custom<(...parameters: never[]) => unknown>(
  (value) => typeof value === "function",
  "This must be a function.",
);
const name = z.string().min(1).max(256);
const seconds = z
  .number()
  .int()
  .min(1)
  .max(86_400 * 365);
const namespaces = z.record(z.string(), z.string().min(1)).optional();
const path = z.string().min(1).max(1_024);

const field = z.strictObject({ in: z.enum(["body", "header"]), path, namespaces });

const scheme = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("xml-document"), user: field, password: field, secureTransport: z.boolean() }),
    z.strictObject({ kind: z.literal("xml-signature") }),
    z.strictObject({
      kind: z.literal("ws-security"),
      token: z.enum(["password", "password-digest", "x509", "saml11", "saml2"]),
      audience: name.optional(),
      confirm: z.enum(["bearer", "holder-of-key", "sender-vouches"]).optional(),
      signed: z.array(z.enum(["body", "timestamp", "addressing"])).optional(),
      over: z.literal("transport").optional(),
      maxAgeSeconds: seconds.optional(),
    }),
    z.strictObject({ kind: z.literal("basic") }),
    z.strictObject({ kind: z.literal("certificate") }),
    z.strictObject({ kind: z.literal("bearer") }),
  ],
  {
    error:
      "This is no scheme: make one with xmlDocumentCredentials(...), xmlSignature(), wsSecurity(...), httpBasic(), clientCertificate() or bearerToken().",
  },
);

const tchar = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, "This is no name that HTTP allows.");

const response = z.custom(
  (given) => typeof (given as { kind?: unknown } | null)?.kind === "string",
  "This is no response: make one with wsSecurityHeader(...), samlSessionTicket(...), headerVariable(...) or cookieVariable(...).",
);

const as = z.enum(["string", "number", "boolean", "date"]).optional();
const requested = z.union([
  z.strictObject({ name, as, of: z.enum(["body", "header"]), path, namespaces }),
  z.strictObject({ name, as, of: z.literal("transport"), header: tchar }),
  z.strictObject({ name, as, of: z.literal("agent"), fact: name }),
]);

const policyServerOptions = z.strictObject({
  // Often an object of a class of its own, with more to it.
  users: z.looseObject({
    name,
    find: callback,
    verify: callback.optional(),
    secret: callback.optional(),
    certificate: callback.optional(),
    assertion: callback.optional(),
    bearer: callback.optional(),
  }),
  sessions: z.strictObject({
    keys: z.custom(
      (given) => typeof (given as { find?: unknown } | null)?.find === "function",
      "This must be a key ring: keyRing([...]).",
    ),
    idleSeconds: seconds.optional(),
    maxSeconds: seconds.optional(),
    store: z
      .custom(
        (given) => typeof (given as { touch?: unknown } | null)?.touch === "function",
        "This must be a SessionStore.",
      )
      .optional(),
  }),
  realms: z
    .array(
      z.strictObject({
        name,
        resources: z.array(z.string()).min(1, "A realm without resources protects nothing."),
        scheme: z.union([scheme, z.array(scheme).min(1)]),
        level: z.number().int().min(0).max(1_000).optional(),
      }),
    )
    .min(1, "Without a realm nothing is protected, and everything is refused."),
  policies: z.array(
    z.strictObject({
      name: name.optional(),
      realm: name,
      rules: z
        .array(
          z.strictObject({
            methods: z
              .array(z.string().regex(/^[A-Z]+$/, "Write methods in capitals."))
              .min(1)
              .optional(),
            resources: z.array(z.string()).min(1).optional(),
            operations: z
              .array(z.string().regex(/^\{[^}]*\}[^{}]+$/, "Write an operation as {namespace}name."))
              .min(1)
              .optional(),
          }),
        )
        .min(1, "A policy without rules permits nothing."),
      users: z.union([
        z.literal("everyone"),
        z
          .array(z.union([name, z.strictObject({ attribute: name, values: z.array(z.string()).min(1) })]))
          .min(1, "A policy for nobody permits nothing."),
      ]),
      when: callback.optional(),
      responses: z.array(response).optional(),
      associated: z.array(name).min(1).optional(),
    }),
  ),
  open: z.array(z.string()).optional(),
  variables: z.array(requested).max(100).optional(),
  timeoutMilliseconds: z.number().int().min(1).max(60_000).optional(),
  tenant: name.optional(),
  clock: z
    .custom((given) => typeof (given as { now?: unknown } | null)?.now === "function", "This must have a now() method.")
    .optional(),
});

/**
 * Checks the shape of a policy server's options.
 * @throws ConfigurationError with the path of the first wrong option
 */
export function checkPolicyServerOptions(options: unknown): asserts options is PolicyServerOptions {
  checkOptions(policyServerOptions, options);
}
