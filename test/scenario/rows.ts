/*
 * The flow requirements, one row each: what `pnpm rows` counts. A scenario test names its row and its framework:
 *
 *   describe("R4.1 the service validates without its broker", () => {
 *     for (const framework of frameworks) {
 *       it(`[${framework.name}] accepts a token while the broker is unreachable`, ...);
 *       it(`[${framework.name}] rejects a forged token with ERR_TOKEN_SIGNATURE`, ...);
 *     }
 *   });
 *
 * The id opens the title of a describe or of the test itself; the framework stands in brackets anywhere in the path.
 * A cell passes when at least one "accepts" and one "rejects" ran and nothing in it failed; a cell without both is
 * missing. Rows that no framework can change are marked `core` and are tested once, as `[core]`.
 */

/** Where a requirement is shown: on each framework, or once in the core. */
export type RowScope = "frameworks" | "core";

/** One flow requirement. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly scope: RowScope;
}

const row = (id: string, title: string, scope: RowScope = "frameworks"): Row => ({ id, title, scope });

/** Every flow requirement, in order. */
export const rows: readonly Row[] = [
  row("R0.1", "one authentication service for all consumers"),
  row("R0.2", "two phases: obtain the header, then use it"),
  row("R0.3", "the first request is a SOAP document"),
  row("R0.4", "the decision point authenticates by a supported scheme"),
  row("R0.5", "authorisation follows authentication"),
  row("R0.6", "a header only where an authorising policy asks for it"),
  row("R0.7", "the agent adds the security header and passes the request on"),
  row("R0.8", "the service returns the header to the consumer"),
  row("R0.9", "response data never leaves the agent"),
  row("R0.10", "later requests carry the token, in the domain or a federated one"),
  row("R0.11", "the target demands the token type of its scheme"),
  row("R0.12", "the token authenticates and access is granted"),
  row("R0.13", "every incoming scheme against every token type"),
  row("R1.1", "single-step, multistep and chain"),
  row("R1.2", "tokens in place of the cookie"),
  row("R1.3", "authentication data comes back in an XML message"),
  row("R1.4", "the request is XML, not necessarily SOAP"),
  row("R1.5", "credentials are taken from the message"),
  row("R1.6", "a response attribute makes the agent return authentication data"),
  row("R1.7", "delivery in XML, in an HTTP header or in a cookie"),
  row("R1.8", "one token at several associated services"),
  row("R1.9", "access without authenticating again"),
  row("R1.10", "schemes fit for the first authentication", "core"),
  row("R1.11", "the response types a policy may trigger", "core"),
  row("R1.12", "associated services use the matching scheme", "core"),
  row("R1.13", "the session cookie is accepted where configured"),
  row("R1.14", "the session cookie is added to forwarded requests"),
  row("R1.15", "multistep authentication by the cookie alone"),
  row("R2.1", "the consumer signs with the key it gave at authentication"),
  row("R2.2", "where the public key comes from"),
  row("R2.3", "the first scheme is another than the session ticket"),
  row("R2.4", "authentication makes a session ticket"),
  row("R2.5", "a response only where the authorising policy has the attribute"),
  row("R2.6", "the agent builds and places the assertion"),
  row("R2.7", "the assertion is returned, the response data is not"),
  row("R2.8", "later documents are signed with the key of the assertion"),
  row("R2.9", "later requests are SOAP documents"),
  row("R2.10", "access without authenticating again, from the cached ticket"),
  row("R2.11", "the consumer obtains and uses the assertion"),
  row("R4.1", "local validation without broker or identity provider"),
  row("R4.2", "proof of possession: the secret, a digest, a signature"),
  row("R4.3", "proof of authentication for everyone who trusts the broker"),
  row("R4.4", "subject, requestor, service, broker and identity provider"),
  row("R4.5", "step 1: the requestor asks the broker"),
  row("R4.6", "step 2: the broker asks the identity provider"),
  row("R4.7", "step 3: a token with a lifetime the broker fixes"),
  row("R4.8", "step 4: the message carries the token"),
  row("R4.9", "step 5: the service validates locally or by the broker"),
  row("R4.10", "step 6: the response returns to the requestor"),
  row("R4.11", "broker types: X.509, Kerberos, security token service"),
  row("R4.12", "trust and subjects managed in one place"),
  row("R4.13", "no prior knowledge of each other"),
  row("R4.14", "redundant brokers"),
  row("R4.15", "validation by the broker is cached within bounds"),
  row("R4.16", "tokens are signed by the issuing broker"),
  row("R4.17", "changes to the account after issuance"),
  row("R4.18", "direct authentication beside brokered"),
];
