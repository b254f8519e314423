import { usernameToken } from "@countersign/core";
import { type MessageOptions, type SoapMessage, usernameMessage } from "../../support/messages.js";
import type { UsernameOptions } from "../../support/security-header.js";
import { Route } from "./route.js";
import type { Scene } from "./scenes.js";

/*
 * A store of user accounts, as an application would write it, and routes that ask it.
 */

/** What the store knows of a name: its password, or that nobody may use the account. */
export type Account = { readonly password: string } | "locked";

/** A store that keeps count of what it is asked. */
export class Accounts {
  readonly #accounts: ReadonlyMap<string, Account>;
  /** The names it was asked for, in order. */
  readonly asked: string[] = [];

  constructor(accounts: Readonly<Record<string, Account>>) {
    this.#accounts = new Map(Object.entries(accounts));
  }

  readonly verify = async (name: string, password: string): Promise<boolean> => (await this.#find(name)) === password;
  readonly secret = async (name: string): Promise<string | undefined> => this.#find(name);

  /** A route that takes passwords in clear text and as digests, over TLS. */
  route(): Route {
    const { verify, secret } = this;
    return new Route({ accept: [usernameToken({ verify, secret, over: "transport" })] });
  }

  async #find(name: string): Promise<string | undefined> {
    this.asked.push(name);
    // Another turn of the event loop, as a real store takes it: messages that come together overtake each other here.
    await new Promise((resolve) => setImmediate(resolve));
    const found = this.#accounts.get(name);
    return found === undefined || found === "locked" ? undefined : found.password;
  }
}

/** The password of `alice`, who sends all genuine messages. */
export const password = "correct horse";

/** A kind of UsernameToken. */
export interface PasswordScene extends Scene {
  readonly accounts: Accounts;
  readonly genuine: (more?: MessageOptions & UsernameOptions) => SoapMessage;
}

/** Genuine UsernameTokens of each kind, with a route and a store of their own. */
export function passwordScenes(
  others: Readonly<Record<string, Account>> = {},
): Record<"text" | "digest", PasswordScene> {
  const accounts = new Accounts({ alice: { password }, ...others });
  const route = accounts.route();
  const scene = (passwordType: "text" | "digest", options: MessageOptions): PasswordScene => ({
    title: `password ${passwordType}, SOAP ${options.soap}`,
    route,
    accounts,
    genuine: (more) => usernameMessage({ username: "alice", password, passwordType, ...options, ...more }),
  });
  return { text: scene("text", { soap: "1.1" }), digest: scene("digest", { soap: "1.2", securityFirst: true }) };
}
