import {
  allowInsecureTransport,
  ConfigurationError,
  CountersignError,
  refuse,
  type TokenStatusSource,
  toConfigurationError,
} from "@countersign/core/sts";
import { z } from "zod";
import { type HttpResponse, type HttpTransport, NodeHttpTransport, type TlsOptions } from "./http.js";

/** Where and as whom a service asks about tokens. */
export interface IntrospectionOptions {
  /** The endpoint; https. */
  readonly url: string;
  /** Name and secret by which the service is known there (RFC 6749 section 2.3.1, Basic). Asked for each time. */
  readonly credentials: () =>
    | { readonly name: string; readonly password: string }
    | Promise<{ readonly name: string; readonly password: string }>;
  /** TLS towards it. */
  readonly tls?: TlsOptions | undefined;
  /** Default 3, at most 30. */
  readonly timeoutSeconds?: number | undefined;
  /** What carries the requests. Default: HTTPS of Node. */
  readonly transport?: HttpTransport | undefined;
  /** Allows `http:`. For development on loopback only. */
  readonly [allowInsecureTransport]?: boolean | undefined;
}

const schema = z.strictObject({
  url: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), "This must be an https URL."),
  credentials: z.custom((value) => typeof value === "function", "This must be a function."),
  tls: z.custom().optional(),
  timeoutSeconds: z.number().int().min(1).max(30).optional(),
  transport: z.custom().optional(),
});

/** Octets of an answer. */
const maxAnswer = 65_536;

/**
 * Asks an authorization server whether a token is still good (RFC 7662): the status for a guard's `validation.by`, of JWTs and
 * of whatever else the server knows.
 * @throws ConfigurationError for any wrong or insecure option
 */
export function introspection(options: IntrospectionOptions): TokenStatusSource & { close(): void } {
  const checked = schema.safeParse(options);
  if (!checked.success) throw toConfigurationError(checked.error);
  const { credentials, timeoutSeconds = 3 } = options;
  const url = new URL(options.url);
  if (url.protocol !== "https:" && options[allowInsecureTransport] !== true) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "url",
      "Tokens and the service's secret would travel unencrypted.",
      "Use https, or allowInsecureTransport on a development machine.",
    );
  }
  const transport = options.transport ?? new NodeHttpTransport(options.tls);
  const ask = async (token: string): Promise<HttpResponse> => {
    const { name, password } = await credentials();
    try {
      return await transport.send({
        url,
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          accept: "application/json",
          authorization: `Basic ${Buffer.from(`${formEncoded(name)}:${formEncoded(password)}`).toString("base64")}`,
        },
        body: Buffer.from(new URLSearchParams({ token }).toString()),
        timeoutMilliseconds: timeoutSeconds * 1000,
        maxResponse: maxAnswer,
      });
    } catch (cause) {
      throw new CountersignError("ERR_STS_UNREACHABLE", {
        reason: `${url.origin} cannot be reached`,
        rule: "url",
        cause,
      });
    }
  };
  return {
    async statusOf({ text }) {
      return isActive(await ask(text)) ? "valid" : "invalid";
    },
    close() {
      if (options.transport === undefined) transport.close();
    },
  };
}

/** Only a JSON object that says `"active": true` is a good answer (RFC 7662 section 2.2). */
function isActive({ status, headers, body }: HttpResponse): boolean {
  if (status >= 500) refuse("ERR_STS_UNREACHABLE", `the answer has status ${status}`, { rule: "RFC 7662, 2.3" });
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (status !== 200 || type !== "application/json") {
    refuse("ERR_STS_RESPONSE_INVALID", `the answer has status ${status} and is ${type ?? "of no type"}`, {
      rule: "RFC 7662, 2.2",
      remedy: "Check the address, and the name and secret of the service.",
    });
  }
  const { active } = parseObject(body);
  if (typeof active !== "boolean")
    refuse("ERR_STS_RESPONSE_INVALID", "the answer does not say active", { rule: "RFC 7662, 2.2" });
  return active;
}

function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch (cause) {
    refuse("ERR_STS_RESPONSE_INVALID", "the answer is no JSON", { rule: "RFC 7662, 2.2", cause });
  }
  return refuse("ERR_STS_RESPONSE_INVALID", "the answer is no JSON object", { rule: "RFC 7662, 2.2" });
}

/** RFC 6749 section 2.3.1: both halves are form-encoded first. */
const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);
