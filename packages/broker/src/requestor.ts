import { AsyncLocalStorage } from "node:async_hooks";
import type { PasswordVerifier, SecretLookup } from "@countersign/core/sts";
import type { Identity, IdentityProvider } from "./identity-provider.js";

/** The identities that one request's authentication found, by the name that was sent; each request has its own. */
type Attempt = Map<string, Identity>;

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
    this.verify = async (name, password) => {
      const identity = await provider.authenticate(name, password);
      this.#keep(name, identity);
      return identity !== undefined;
    };
    this.secret =
      provider.lookUp &&
      (async (name) => {
        const found = await provider.lookUp?.(name);
        this.#keep(name, found?.identity);
        return found?.secret;
      });
  }

  /**
   * Runs one authentication.
   * @returns its result, and the identity behind a name. It counts for the name of the admitted principal only: for any
   * other name a question was asked, and the answer may have been no.
   */
  async run<T>(
    authenticate: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly identityOf: (name: string) => Identity | undefined }> {
    const attempt: Attempt = new Map();
    const result = await this.#attempts.run(attempt, authenticate);
    return { result, identityOf: (name) => attempt.get(name) };
  }

  #keep(name: string, identity: Identity | undefined): void {
    if (identity !== undefined) this.#attempts.getStore()?.set(name, identity);
  }
}
