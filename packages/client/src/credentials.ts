import { ConfigurationError } from "@countersign/core/sts";
import type { BearerCallback, Credentials, CredentialsCallback } from "./options.js";

/** What a bearer token is made of: RFC 6750 section 2.1. */
const bearerToken = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * Asks for credentials.
 * @throws ConfigurationError where the callback returns something else; what it rejects with
 */
export async function askCredentials(callback: CredentialsCallback): Promise<Credentials> {
  const given: Partial<Credentials> | undefined = await callback();
  const { name, password } = given ?? {};
  if (typeof name === "string" && name !== "" && typeof password === "string") return { name, password };
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    "credentials",
    "The callback did not return a name and a password.",
    "Return { name, password }, or reject where there are none.",
  );
}

/**
 * Asks for a JWT.
 * @throws ConfigurationError where the callback returns something that cannot be sent; what it rejects with
 */
export async function askBearer(callback: BearerCallback): Promise<string> {
  const token = await callback();
  if (typeof token === "string" && bearerToken.test(token)) return token;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    "bearer",
    "The callback did not return a token.",
    "Return the compact form of a JWT.",
  );
}
