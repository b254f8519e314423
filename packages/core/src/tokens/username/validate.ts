import { decodeBase64, encodeBase64, equalOctets, randomOctets, sha1, sha256Hex } from "../../crypto/index.js";
import { type ErrorCode, isOutage, refuse } from "../../errors/index.js";
import { noClaims, type Proof, type ReplayEntry, type ValidatedToken } from "../../identity/index.js";
import { type FreshnessRules, freshness } from "../../time/index.js";
import type { DigestVerifier, PasswordVerifier, SecretLookup } from "./callbacks.js";
import { passwordTypes } from "./names.js";
import type { CreatedSyntax, UsernameTokenSyntax } from "./parse.js";

/**
 * What a route says about UsernameTokens, and how this one came in. Created may be 300 s old and 60 s ahead unless the route
 * says otherwise.
 */
export interface UsernameTokenRules extends FreshnessRules {
  /** The name under which the route vouches for its users. */
  readonly issuer: string;
  /** Checks clear-text passwords. Without it they are refused. */
  readonly verify?: PasswordVerifier | undefined;
  /** Looks up secrets for password digests. Without it, and without `digest`, they are refused. */
  readonly secret?: SecretLookup | undefined;
  /** Checks password digests where the secrets are kept, in place of `secret`. */
  readonly digest?: DigestVerifier | undefined;
  /** Whether the connection to the requestor is encrypted. */
  readonly encrypted: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A UsernameToken whose password was right. */
export interface ValidatedUsernameToken extends ValidatedToken {
  readonly kind: "username";
  readonly proof: Extract<Proof, "password-text" | "password-digest">;
}

/** Takes the place of a secret that does not exist: an unknown name costs the same work as a wrong password. */
const noSecret = encodeBase64(randomOctets(16));

/**
 * Decides about a UsernameToken (UsernameToken Profile 1.1 section 3.1).
 *
 * | Password | Needs | Is right when |
 * |---|---|---|
 * | text | `rules.verify`, an encrypted connection | the callback says true |
 * | digest | `rules.secret`, Nonce, Created | it is SHA-1 over nonce, Created text and secret |
 *
 * A Created is judged wherever there is one. A digest's nonce must be reserved against replay before the handler runs.
 *
 * @throws ERR_WSS_INVALID_SECURITY for a clear-text password over an open connection; nobody is asked then
 * @throws ERR_WSS_MESSAGE_EXPIRED where Created is too old or in the future
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for key derivation, and for a password kind that the route has no callback for
 * @throws ERR_WSS_FAILED_AUTHENTICATION for everything that is wrong with name or password
 * @throws ERR_UNAVAILABLE where a callback throws
 */
export async function validateUsernameToken(
  token: UsernameTokenSyntax,
  rules: UsernameTokenRules,
): Promise<ValidatedUsernameToken> {
  const { password, created } = token;
  if (token.derivation !== undefined) {
    refuseToken(
      token,
      "ERR_WSS_UNSUPPORTED_TOKEN",
      "keys derived from passwords are not supported",
      "UsernameToken Profile 1.1 section 4",
    );
  }
  if (password === undefined) refuseName(token, "there is no Password");
  if (password.type === passwordTypes.text) {
    requireEncryption(token, rules);
    if (created !== undefined) requireFresh(token, created, rules);
    await verifyText(token, password.value, rules.verify);
    return validated(token, rules, "password-text", []);
  }
  if (!token.digest) refuseName(token, `the password Type ${password.type} is not known`);
  const { nonce } = token;
  if (nonce === undefined || created === undefined) refuseName(token, "a password digest needs Nonce and Created");
  const until = requireFresh(token, created, rules);
  await verifyDigest(token, password.value, nonce, created, rules);
  // As the digest sees them: joined. Octets that go from the nonce's end into Created give the same digest, and so does
  // another spelling of the name that the store takes for the same account.
  const hashed = Buffer.concat([nonce, Buffer.from(created.text)]);
  const entry = { kind: "username-nonce", parts: [hashed], until, since: created.time };
  return validated(token, rules, "password-digest", [entry]);
}

function requireEncryption(token: UsernameTokenSyntax, { encrypted }: UsernameTokenRules): void {
  if (encrypted) return;
  refuse("ERR_WSS_INVALID_SECURITY", "a clear-text password came over a connection that is not encrypted", {
    place: placeOf(token),
    rule: "UsernameToken Profile 1.1 section 5",
    remedy: "Use TLS; where a proxy ends it, name that proxy as trusted. The password sent is no secret any more.",
  });
}

/** @returns the last moment at which the token could be accepted */
function requireFresh(token: UsernameTokenSyntax, created: CreatedSyntax, rules: UsernameTokenRules): number {
  const judged = freshness({ created: created.time }, rules.now, rules);
  if (judged.fresh) return judged.until;
  refuse("ERR_WSS_MESSAGE_EXPIRED", `the UsernameToken is ${judged.fault}: Created misses by ${judged.by} ms`, {
    place: placeOf(token),
    rule: "UsernameToken Profile 1.1 section 3.1",
    remedy: "Check both clocks; raise maxAgeSeconds or clockSkewSeconds if the peer needs it.",
  });
}

async function verifyText(
  token: UsernameTokenSyntax,
  password: string,
  verify: PasswordVerifier | undefined,
): Promise<void> {
  if (verify === undefined) refuseKind(token, "clear-text passwords", "verify");
  requirePlainName(token);
  if (password === "") refuseName(token, "the password is empty");
  const answer: unknown = await answerOf("verify", () => verify(token.name, password));
  if (answer !== true) {
    refuseName(
      token,
      answer === false ? "the password is wrong, or the name is unknown" : `verify answered ${typeof answer}, not true`,
    );
  }
}

async function verifyDigest(
  token: UsernameTokenSyntax,
  value: string,
  nonce: Buffer,
  created: CreatedSyntax,
  { secret: lookUp, digest: check }: UsernameTokenRules,
): Promise<void> {
  if (lookUp === undefined && check === undefined) refuseKind(token, "password digests", "secret");
  requirePlainName(token);
  const given = decodeBase64(value, { maxOctets: 20 });
  if (given?.length !== 20) refuseName(token, "the password digest is not base64 of 20 octets");
  if (check !== undefined) {
    const answer: unknown = await answerOf("digest", () =>
      check(token.name, { digest: given, nonce, created: created.text }),
    );
    if (answer === true) return;
    refuseName(
      token,
      answer === false ? "the password digest is wrong, or the name is unknown" : `digest answered ${typeof answer}`,
    );
  }
  if (lookUp === undefined) refuseKind(token, "password digests", "secret");
  const found: unknown = await answerOf("secret", () => lookUp(token.name));
  const known = typeof found === "string" && found !== "";
  const expected = passwordDigest(nonce, created.text, known ? found : noSecret);
  const equal = equalOctets(expected, given);
  if (!known || !equal) refuseName(token, known ? "the password digest is wrong" : "no secret is known for the name");
}

/**
 * The octets of a PasswordDigest: SHA-1 over the decoded nonce, the text of Created and the password in UTF-8
 * (UsernameToken Profile 1.1 section 3.1).
 */
export function passwordDigest(nonce: Uint8Array, created: string, password: string): Buffer {
  return sha1(Buffer.concat([nonce, Buffer.from(created), Buffer.from(password)]));
}

/**
 * Names are compared as exact text by the callback. What a store could read as another name than we hand on is refused:
 * databases drop white space at the end, and control characters become part of headers and logs.
 */
function requirePlainName(token: UsernameTokenSyntax): void {
  const { name } = token;
  if (name === "" || name !== name.trim() || /\p{Cc}/u.test(name)) {
    refuseName(token, "the user name is empty, has white space around it, or holds control characters");
  }
}

async function answerOf(option: string, ask: () => unknown): Promise<unknown> {
  try {
    return await ask();
  } catch (cause) {
    if (isOutage(cause)) throw cause;
    refuse("ERR_UNAVAILABLE", `the callback ${option} of usernameToken failed`, {
      cause,
      rule: option,
      remedy:
        "Let the callback answer false or undefined for what it does not know, and throw only when it cannot tell.",
    });
  }
}

function validated(
  token: UsernameTokenSyntax,
  { issuer }: UsernameTokenRules,
  proof: ValidatedUsernameToken["proof"],
  replay: readonly ReplayEntry[],
): ValidatedUsernameToken {
  return {
    kind: "username",
    principal: { name: token.name, kind: "username" },
    claims: noClaims,
    issuer,
    proof,
    replay,
    get digest() {
      return digestWithoutPassword(token);
    },
  };
}

/** The digest goes into audit records: with the password among its input it would let their readers guess passwords. */
function digestWithoutPassword({ document, element, password }: UsernameTokenSyntax): string {
  const { bytes } = document;
  const start = document.start(element);
  const end = document.end(element);
  if (password === undefined) return sha256Hex(bytes.subarray(start, end));
  const before = bytes.subarray(start, document.start(password.element));
  return sha256Hex(Buffer.concat([before, bytes.subarray(document.end(password.element), end)]));
}

function refuseKind(token: UsernameTokenSyntax, kind: string, option: string): never {
  refuseToken(token, "ERR_WSS_UNSUPPORTED_TOKEN", `this route takes no ${kind}`, option);
}

function refuseName(token: UsernameTokenSyntax, reason: string): never {
  refuseToken(token, "ERR_WSS_FAILED_AUTHENTICATION", reason, "UsernameToken Profile 1.1 section 3.1");
}

function refuseToken(token: UsernameTokenSyntax, code: ErrorCode, reason: string, rule: string): never {
  refuse(code, reason, {
    place: placeOf(token),
    rule,
    remedy: "Send the name and password as this route asks for them.",
  });
}

function placeOf({ document, element }: UsernameTokenSyntax) {
  return () => document.place(element);
}
