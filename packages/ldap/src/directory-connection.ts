import type { ConnectionOptions } from "node:tls";
import { Client, type Entry } from "ldapts";
import type { LdapOptions } from "./options.js";

/** What a search looks for. */
export interface Search {
  readonly base: string;
  readonly scope: "base" | "one" | "sub";
  readonly filter: string;
  readonly attributes: readonly string[];
  /** Most entries; what is beyond is cut off. */
  readonly most: number;
}

/** One connection to one directory server, for one authentication. Everything rejects where the server does not serve. */
export class DirectoryConnection {
  readonly #client: Client;
  readonly #startTls: ConnectionOptions | undefined;
  #encrypted = false;

  constructor(url: string, { startTls = false, tls = {} }: LdapOptions, milliseconds: number) {
    const { hostname, protocol } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, "");
    const options = { ...copied(tls), host, minVersion: "TLSv1.2" as const, rejectUnauthorized: true };
    this.#startTls = startTls ? options : undefined;
    this.#client = new Client({
      url,
      timeout: milliseconds,
      connectTimeout: milliseconds,
      // Given at all, the options make it a TLS connection from the first octet.
      ...(protocol === "ldaps:" && { tlsOptions: options }),
    });
  }

  /** Binds as an entry: from then on the connection has its rights. Rejects with ldapts' error of the result code. */
  async bind(dn: string, password: string): Promise<void> {
    // A bind without a password succeeds as nobody (RFC 4513 section 5.1.2).
    if (password === "") throw new RangeError("A bind needs a password.");
    if (this.#startTls !== undefined && !this.#encrypted) {
      await this.#client.startTLS(this.#startTls);
      this.#encrypted = true;
    }
    await this.#client.bind(dn, password);
  }

  /** Searches with the rights of the last bind. References to other servers are not followed. */
  async search({ base, scope, filter, attributes, most }: Search): Promise<readonly Entry[]> {
    const options = { scope, filter, attributes: [...attributes], sizeLimit: most, derefAliases: "never" as const };
    const { searchEntries } = await this.#client.search(base, options);
    return searchEntries;
  }

  /** Ends the connection, whatever state it is in. */
  close(): void {
    // The server is told where it can be; the socket is closed either way.
    this.#client.unbind().catch(() => undefined);
  }
}

function copied({ ca, cert, key, servername }: NonNullable<LdapOptions["tls"]>): ConnectionOptions {
  const octets = (value: string | Uint8Array) => (typeof value === "string" ? value : Buffer.from(value));
  return {
    ...(ca !== undefined && { ca: [ca].flat().map(octets) }),
    ...(cert !== undefined && { cert: octets(cert) }),
    ...(key !== undefined && { key: octets(key) }),
    ...(servername !== undefined && { servername }),
  };
}

/** The values of an attribute as text; an attribute's name is compared without regard to case (RFC 4512 section 2.5). */
export function valuesOf(entry: Entry, attribute: string): readonly string[] {
  const wanted = attribute.toLowerCase();
  for (const [name, value] of Object.entries(entry)) {
    if (name !== "dn" && name.toLowerCase() === wanted) {
      return [value].flat().map((one) => (typeof one === "string" ? one : one.toString("utf8")));
    }
  }
  return [];
}
