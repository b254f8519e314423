import type { TokenStatusSource } from "@countersign/core/sts";
import { createClient } from "./client.js";
import type { ClientOptions } from "./options.js";

/** How a service asks its broker about tokens. */
export type RemoteValidatorOptions = Pick<
  ClientOptions,
  "broker" | "credentials" | "password" | "clockSkewSeconds" | "clock" | "transport"
> & {
  readonly [K in Extract<keyof ClientOptions, symbol>]?: ClientOptions[K];
};

/** A source of status for a guard's `validation.by`; `close` ends its connections. */
export interface RemoteValidator extends TokenStatusSource {
  close(): Promise<void>;
}

/**
 * Asks the broker that issued an assertion whether it is still good (WS-Trust 1.4 section 7, Validate). Several brokers must
 * share their store of tokens: one that does not know a token finds it invalid. JWTs are invalid here: see {@link introspection}.
 * @throws ConfigurationError for any wrong or insecure option, with its path and the remedy
 */
export function remoteValidator(options: RemoteValidatorOptions): RemoteValidator {
  const client = createClient(options);
  return {
    async statusOf({ kind, text }) {
      if (kind === "jwt") return "invalid";
      return (await client.validateToken(text)).valid ? "valid" : "invalid";
    },
    close: () => client.close(),
  };
}
