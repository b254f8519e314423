import type { allowInsecureTransport } from "@countersign/core/sts";

/** Where the directory is, whom it holds and what of them goes into tokens. Checked at start. */
export interface LdapOptions {
  /** `ldaps://host` or `ldap://host`, with a port where it is not 636 or 389; several are tried in turn. */
  readonly url: string | readonly string[];
  /** Turns an `ldap://` connection into TLS before anything is sent over it (RFC 4511 section 4.14). Default false. */
  readonly startTls?: boolean | undefined;
  /** TLS towards the directory, as `node:tls` takes it; its certificate is always checked. */
  readonly tls?:
    | {
        readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
        readonly cert?: string | Uint8Array | undefined;
        readonly key?: string | Uint8Array | undefined;
        /** The name that the directory's certificate must be for. Default: the host of the URL. */
        readonly servername?: string | undefined;
      }
    | undefined;
  /** How the entry of a name is found: by a search, or because its distinguished name is known. */
  readonly users: LdapUserSearch | LdapUserPattern;
  /** The attribute whose one value is the subject's name in tokens. Default `uid`; `sAMAccountName` in Active Directory. */
  readonly name?: string | undefined;
  /** Claim types, each with the attribute whose values it has. An attribute that is absent makes no claim. Default: none. */
  readonly claims?: Readonly<Record<string, string>> | undefined;
  /** Groups that an entry belongs to, as values of one claim. Default: none. */
  readonly groups?: LdapGroups | undefined;
  /** Seconds for one authentication, connection included. Default 5. */
  readonly timeoutSeconds?: number | undefined;
  /** Connections at one time; as many more wait, the rest is turned away as an outage. Default 32. */
  readonly maxConnections?: number | undefined;
  /** Sends passwords over connections without TLS. For development on loopback only; warned about at start. */
  readonly [allowInsecureTransport]?: boolean | undefined;
}

/** An account of the directory searches for the entry of a name. */
export interface LdapUserSearch {
  /** Who searches. */
  readonly as: { readonly dn: string; readonly password: string };
  /** The entry below which people are. */
  readonly base: string;
  /** RFC 4515 filter; `{name}` stands for the name that was sent, escaped. Default `(uid={name})`. */
  readonly filter?: string | undefined;
  /** How far below `base`. Default `sub`. */
  readonly scope?: "one" | "sub" | undefined;
}

/** The entry of a name has a distinguished name that is made of it, and may read itself. */
export interface LdapUserPattern {
  /** RFC 4514 distinguished name; `{name}` stands for the name that was sent, escaped: `uid={name},ou=people,dc=example`. */
  readonly dn: string;
}

/** Groups by their members. */
export interface LdapGroups {
  /** The entry below which groups are. */
  readonly base: string;
  /** RFC 4515 filter; `{dn}` stands for the member's distinguished name and `{name}` for its name, escaped. Default `(member={dn})`. */
  readonly filter?: string | undefined;
  /** The attribute of a group whose values are told. Default `cn`. */
  readonly attribute?: string | undefined;
  /** The claim's type. */
  readonly claim: string;
}
