import { equalOctets } from "../crypto/index.js";
import { isCountersignError, refuse } from "../errors/index.js";
import type { Credentials } from "../identity/index.js";
import { withinDeadline } from "../time/index.js";
import { passwordDigest } from "../tokens/username/index.js";
import type { DirectoryUser, UserDirectory } from "./directory.js";

/** What the directory said to credentials. */
export type Identified =
  | { readonly user: DirectoryUser }
  /** For the audit record only. */
  | { readonly reason: string };

/** Most characters of a name, and octets of a password. */
const limits = { name: 256, password: 1_024 } as const;

/** A directory whose callbacks are bounded, and whose failures are outages. */
export class BoundedDirectory {
  readonly #directory: UserDirectory;
  readonly #milliseconds: number;

  constructor(directory: UserDirectory, milliseconds: number) {
    this.#directory = directory;
    this.#milliseconds = milliseconds;
  }

  get name(): string {
    return this.#directory.name;
  }

  /**
   * The user that credentials prove.
   * @throws ERR_UNAVAILABLE where the directory fails or is late
   */
  async identify(credentials: Credentials): Promise<Identified> {
    const named = await this.#nameOf(credentials);
    if (typeof named !== "string") return named;
    const user = await this.find(named);
    return user === undefined ? { reason: "the directory has no such user, or it is disabled" } : { user };
  }

  /**
   * A user that may act.
   * @throws ERR_UNAVAILABLE
   */
  async find(name: string): Promise<DirectoryUser | undefined> {
    const found: unknown = await this.#ask("find", () => this.#directory.find(name));
    if (found === undefined || found === null) return undefined;
    const { name: known } = found as Partial<DirectoryUser>;
    if (typeof known === "string" && known !== "") return found as DirectoryUser;
    refuse("ERR_INTERNAL", "users.find answered something that is no user", { rule: "users.find" });
  }

  async #nameOf(credentials: Credentials): Promise<string | { readonly reason: string }> {
    switch (credentials.kind) {
      case "password":
        return this.#byPassword(credentials.name, credentials.password);
      case "password-digest":
        return this.#byDigest(credentials);
      case "certificate":
        return this.#mapped("certificate", this.#directory.certificate?.bind(this.#directory), credentials);
      case "assertion":
        return this.#mapped("assertion", this.#directory.assertion?.bind(this.#directory), credentials);
      case "bearer":
        return this.#mapped("bearer", this.#directory.bearer?.bind(this.#directory), credentials);
    }
  }

  async #byPassword(name: string, password: string): Promise<string | { readonly reason: string }> {
    const directory = this.#directory;
    if (directory.verify === undefined) return { reason: "the directory checks no passwords (users.verify)" };
    if (!isPlain(name)) return { reason: nameFault };
    if (password === "" || Buffer.byteLength(password) > limits.password) {
      return { reason: "the password is empty or too long" };
    }
    const answer: unknown = await this.#ask("verify", () => directory.verify?.(name, password));
    if (answer === true) return name;
    return {
      reason:
        answer === false ? "the password is wrong, or the name is unknown" : `users.verify answered ${typeof answer}`,
    };
  }

  async #byDigest({
    name,
    digest,
    nonce,
    created,
  }: Extract<Credentials, { kind: "password-digest" }>): Promise<string | { readonly reason: string }> {
    const directory = this.#directory;
    if (directory.secret === undefined) return { reason: "the directory gives no secrets for digests (users.secret)" };
    if (!isPlain(name)) return { reason: nameFault };
    const found: unknown = await this.#ask("secret", () => directory.secret?.(name));
    const known = typeof found === "string" && found !== "";
    // An unknown name costs what a wrong password costs.
    const equal = equalOctets(passwordDigest(nonce, created, known ? found : "-"), digest);
    return known && equal ? name : { reason: "the password digest is wrong, or the name is unknown" };
  }

  async #mapped<T>(
    option: string,
    callback: ((given: T) => unknown) | undefined,
    given: T,
  ): Promise<string | { readonly reason: string }> {
    if (callback === undefined) return { reason: `the directory maps no such credentials (users.${option})` };
    const answer: unknown = await this.#ask(option, () => callback(given));
    if (typeof answer === "string" && answer !== "") return answer;
    return { reason: `users.${option} knows nobody whom these credentials belong to` };
  }

  async #ask(option: string, question: () => unknown): Promise<unknown> {
    try {
      return await withinDeadline(question(), this.#milliseconds, `users.${option}`);
    } catch (cause) {
      if (isCountersignError(cause)) throw cause;
      refuse("ERR_UNAVAILABLE", `the callback users.${option} failed`, {
        rule: `users.${option}`,
        remedy: "Let it answer false or undefined for what it does not know, and throw only when it cannot tell.",
        cause,
      });
    }
  }
}

const nameFault = "the user name is empty or too long, has white space around it, or holds control characters";

/** What a store could read as another name than we compare is refused. */
const isPlain = (name: string): boolean =>
  name !== "" && name.length <= limits.name && name === name.trim() && !/\p{Cc}/u.test(name);
