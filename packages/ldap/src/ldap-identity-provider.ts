import type { Identity, IdentityProvider } from "@countersign/broker";
import { allowInsecureTransport, refuse } from "@countersign/core/sts";
import {
  ConstraintViolationError,
  type Entry,
  InappropriateAuthError,
  InsufficientAccessError,
  InvalidCredentialsError,
  InvalidDNSyntaxError,
  NoSuchObjectError,
  UnwillingToPerformError,
} from "ldapts";
import { type DirectoryConnection, valuesOf } from "./directory-connection.js";
import { DirectoryServers } from "./directory-servers.js";
import { fillDn, fillFilter } from "./escape.js";
import { checkLdapOptions } from "./option-schema.js";
import type { LdapGroups, LdapOptions, LdapUserSearch } from "./options.js";

/** Longest name that is looked for, and longest password that is tried, in UTF-16 units. */
const maxName = 256;
const maxPassword = 1024;
/** Most groups of one entry; an entry with more has no claim that anyone could rely on. */
const maxGroups = 1_000;

/** A directory as an identity provider. It holds nothing that would have to be closed. */
export interface LdapIdentityProvider extends IdentityProvider {
  /** @throws ERR_UNAVAILABLE where the directory does not serve in time */
  authenticate(name: string, password: string): Promise<Identity | undefined>;
}

/**
 * Makes an LDAP directory (RFC 4511) the identity provider of a broker: a password is checked by a bind, attributes and
 * groups become claims. Nothing is kept between two authentications: what changes in the directory counts at once.
 *
 * | The directory says | The broker |
 * |---|---|
 * | one entry, and the bind succeeds | issues |
 * | no or several entries; wrong password; account locked, disabled or without a password | refuses, as one wrong password |
 * | nothing in time, anything else, or that the searching account may not search | answers 503 and issues nothing |
 *
 * @throws ConfigurationError for any wrong or insecure option, with its path and the remedy
 */
export function ldapIdentityProvider(options: LdapOptions): LdapIdentityProvider {
  checkLdapOptions(options);
  if (options[allowInsecureTransport] === true) {
    process.emitWarning("Passwords go to the directory over unencrypted connections.", "CountersignWarning");
  }
  return new Directory(options);
}

class Directory implements LdapIdentityProvider {
  readonly #options: LdapOptions;
  readonly #servers: DirectoryServers;
  readonly #name: string;
  readonly #attributes: readonly string[];

  constructor(options: LdapOptions) {
    this.#options = options;
    this.#servers = new DirectoryServers(options);
    this.#name = options.name ?? "uid";
    this.#attributes = [this.#name, ...Object.values(options.claims ?? {})];
  }

  async authenticate(name: string, password: string): Promise<Identity | undefined> {
    if (name === "" || name.length > maxName || name.includes("\0")) return undefined;
    if (password === "" || password.length > maxPassword) return undefined;
    return this.#servers.use((connection) => this.#authenticate(connection, name, password));
  }

  async #authenticate(connection: DirectoryConnection, name: string, password: string): Promise<Identity | undefined> {
    const { users, groups } = this.#options;
    if (!("as" in users)) {
      const dn = fillDn(users.dn, name);
      if (!(await isRight(connection, dn, password))) return undefined;
      const [entry] = await this.#read(connection, { base: dn, scope: "base", filter: "(objectClass=*)", most: 1 });
      return entry && this.#identity(entry, groups && (await groupsOf(connection, groups, entry.dn, name)));
    }
    await connection.bind(users.as.dn, users.as.password);
    const [entry, second] = await this.#find(connection, users, name);
    const found = second === undefined ? entry : undefined;
    // Nobody is asked for as well: that a name is unknown must not show in what is done.
    const right = await isRight(connection, found?.dn ?? `cn=\\00,${users.base}`, password);
    if (!right || found === undefined) return undefined;
    if (groups === undefined) return this.#identity(found, undefined);
    await connection.bind(users.as.dn, users.as.password);
    return this.#identity(found, await groupsOf(connection, groups, found.dn, name));
  }

  #find(connection: DirectoryConnection, users: LdapUserSearch, name: string): Promise<readonly Entry[]> {
    const { base, filter = "(uid={name})", scope = "sub" } = users;
    return this.#read(connection, { base, scope, filter: fillFilter(filter, { name }), most: 2 });
  }

  #read(
    connection: DirectoryConnection,
    search: Omit<Parameters<DirectoryConnection["search"]>[0], "attributes">,
  ): Promise<readonly Entry[]> {
    return connection.search({ ...search, attributes: this.#attributes });
  }

  /** What goes into tokens. An entry without exactly one name is nobody that a token could be about. */
  #identity(entry: Entry, groups: readonly string[] | undefined): Identity | undefined {
    const [name, another] = valuesOf(entry, this.#name);
    if (name === undefined || name === "" || another !== undefined) return undefined;
    const claims: Record<string, readonly string[]> = {};
    for (const [type, attribute] of Object.entries(this.#options.claims ?? {})) {
      const values = valuesOf(entry, attribute);
      if (values.length > 0) claims[type] = values;
    }
    const claim = this.#options.groups?.claim;
    if (claim !== undefined && groups !== undefined && groups.length > 0) claims[claim] = groups;
    return { name, claims };
  }
}

/** Whether a directory takes a password for an entry. What says no about this entry is no; all else is an outage. */
async function isRight(connection: DirectoryConnection, dn: string, password: string): Promise<boolean> {
  try {
    await connection.bind(dn, password);
    return true;
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return false;
    throw error;
  }
}

/** Wrong, locked, disabled, without a password, not there, or a name that makes no distinguished name. */
const refusals = [
  InvalidCredentialsError,
  UnwillingToPerformError,
  ConstraintViolationError,
  InsufficientAccessError,
  InappropriateAuthError,
  NoSuchObjectError,
  InvalidDNSyntaxError,
];

async function groupsOf(
  connection: DirectoryConnection,
  { base, filter = "(member={dn})", attribute = "cn" }: LdapGroups,
  dn: string,
  name: string,
): Promise<readonly string[]> {
  const most = maxGroups + 1;
  const search = {
    base,
    scope: "sub",
    filter: fillFilter(filter, { dn, name }),
    attributes: [attribute],
    most,
  } as const;
  const groups = await connection.search(search);
  if (groups.length > maxGroups) refuse("ERR_UNAVAILABLE", `an entry belongs to more than ${maxGroups} groups`);
  return [...new Set(groups.flatMap((group) => valuesOf(group, attribute)))];
}
