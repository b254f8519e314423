import { AsyncLocalStorage } from "node:async_hooks";
import type { PasswordVerifier, SecretLookup } from "@countersign/core/sts";
import type { Identity, IdentityProvider } from "./identity-provider.js";

/** What one request's authentication found; each request has its own. */
interface Attempt {
  identity: Identity | undefined;
}

/**
 * Connects the guard, which asks whether a credential is right, with the broker, which needs to know whose it is: the
 * identity provider is asked once, and its answer is kept for exactly the request that caused the question.
 */
export class RequestorAuthentication {
  readonly #attempts = new AsyncLocalStorage<Attempt>();
  /** For the guard: checks a clear-text password. */
  readonly verify: PasswordVerifier;
  /** For the guard: looks up the secret of a digest; undefined where the provider cannot. */
  readonly secret: SecretLookup | undefined;

  constructor(provider: IdentityProvider) {
    this.verify = async (name, password) => this.#keep(await provider.authenticate(name, password)) !== undefined;
    this.secret =
      provider.lookUp &&
      (async (name) => {
        const found = await provider.lookUp?.(name);
        this.#keep(found?.identity);
        return found?.secret;
      });
  }

  /** Runs one authentication. The identity counts only where `authenticate` says that the request was admitted. */
  async run<T>(
    authenticate: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly identity: Identity | undefined }> {
    const attempt: Attempt = { identity: undefined };
    const result = await this.#attempts.run(attempt, authenticate);
    return { result, identity: attempt.identity };
  }

  #keep(identity: Identity | undefined): Identity | undefined {
    const attempt = this.#attempts.getStore();
    if (attempt !== undefined) attempt.identity = identity;
    return identity;
  }
}
