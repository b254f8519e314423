import { Certificate, resolveSuite } from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";
import { type Alternative, type ClaimRule, type CompiledAlternative, compileAlternatives } from "../policy/index.js";
import { createRevocationCheck } from "../revocation/index.js";
import { type Clock, checkedClock, systemClock } from "../time/index.js";
import { SecurityContexts } from "../tokens/context/index.js";
import { type AssertionIssuers, createAssertionIssuers, type SamlVersion } from "../tokens/saml/index.js";
import { type DecryptionKey, type DecryptionRules, loadDecryptionKeys, type SecurityRules } from "../wss/index.js";
import { canonicalForm, DocumentWorkers, exclusiveC14n } from "../xmlsec/index.js";
import { type BearerBinding, compileBearer } from "./bearer-binding.js";
import { type CompiledConversation, compileConversation, contextStoreOf } from "./compile-conversation.js";
import { defaultReplayCache } from "./default-replay-cache.js";
import { compileInjector, type Injector } from "./injection.js";
import { allowInsecureTransport } from "./insecure.js";
import { defaultLimits, type MessageLimits } from "./limits.js";
import { checkGuardOptions } from "./option-schema.js";
import type { GuardOptions, TrustOptions } from "./options.js";
import { Recorder, type RecorderOptions } from "./recorder.js";
import { Reservations } from "./reservations.js";
import { compileValidation, type TokenValidation } from "./token-validation.js";

/** Options of a guard after all checks, in the form that the pipeline uses. */
export interface CompiledGuard {
  readonly origin: string;
  readonly clock: Clock;
  readonly limits: MessageLimits;
  readonly rules: SecurityRules;
  /** Message alternatives; empty on a route of bearer tokens only. */
  readonly alternatives: readonly CompiledAlternative[];
  readonly bearer: BearerBinding | undefined;
  /** Undefined where no contexts are established here. */
  readonly conversation: CompiledConversation | undefined;
  /** Whether a UsernameToken may have to be reserved against replay. */
  readonly takesDigests: boolean;
  readonly claims: readonly ClaimRule[];
  /** Undefined where nobody is asked about tokens. */
  readonly validation: TokenValidation | undefined;
  readonly injector: Injector;
  readonly actor: string | undefined;
  readonly understands: ReadonlySet<string>;
  readonly actions: ReadonlyMap<string, string> | undefined;
  readonly anonymous: boolean;
  /** Undefined where messages with attachments are not taken. */
  readonly attachments: { readonly keepUnsigned: boolean } | undefined;
  readonly insecureTransport: boolean;
  readonly reservations: Reservations;
  readonly recorder: Recorder;
  readonly workers: DocumentWorkers;
}

/** What only sibling packages may ask of a guard. */
export interface GuardInternals {
  /** Verifies signatures by keys that only the message carries, as proof of possession (WS-Trust 1.4 section 4.4.5, UseKey). */
  readonly possession?: boolean;
}

/**
 * Checks and compiles guard options.
 * @throws ConfigurationError
 */
export function compileGuard(options: GuardOptions, internals: GuardInternals): CompiledGuard {
  checkGuardOptions(options);
  requireRevocable(options, waysOf(options));
  requireMessages(options);
  const compiled = compileRoute(options, internals);
  warnOfWeakness(options);
  return compiled;
}

/** Tells operators of what is weaker than it need be. */
export function warnOfWeakness(options: Pick<GuardOptions, "origin" | "preciseFaults" | "trust"> & Insecure): void {
  const warn = (text: string) => process.emitWarning(`${options.origin} ${text}`, "CountersignWarning");
  if (options[allowInsecureTransport] === true) warn("accepts messages over unencrypted connections.");
  if (options.preciseFaults) warn("tells callers exactly why a message was refused.");
  if (options.trust?.revocation?.softFail) warn("accepts certificates that nobody can tell were revoked.");
}

type Insecure = { readonly [allowInsecureTransport]?: boolean | undefined };

/**
 * Compiles options whose shape was checked. A route without ways in is one whose callers somebody else identifies.
 * @throws ConfigurationError
 */
export function compileRoute(options: GuardOptions, { possession = false }: GuardInternals = {}): CompiledGuard {
  const { origin, tenant = origin, clock = systemClock } = options;
  const skew = (options.clockSkewSeconds ?? 60) * 1000;
  const limits: MessageLimits = { ...defaultLimits, ...definedOnly(options.limits ?? {}) };
  const checked = checkedClock(clock);
  const ways = waysOf(options);
  const { decryption, keyNames, ...compiled } = compileTrust(options.trust, skew);
  const trust = { ...compiled, decrypts: decryption !== undefined, skew, origin: options.origin };
  const { alternatives, trusts } = compileAlternatives(options.accept, trust);
  const insecureTransport = options[allowInsecureTransport] === true;
  const conversation = compileConversation(options.conversation, options.accept, trust, tenant);
  const store = contextStoreOf(options.accept, options.conversation);
  return {
    origin,
    clock: checked,
    limits,
    rules: {
      suite: resolveSuite(options.algorithms?.suite, "algorithms.suite"),
      canonicalForms: canonicalForms(options.algorithms?.canonicalization),
      timestamp: {
        maxAge: (options.timestamp?.maxAgeSeconds ?? 300) * 1000,
        future: (options.timestamp?.futureSeconds ?? 60) * 1000,
        skew,
        requireExpires: options.timestamp?.requireExpires ?? false,
      },
      assertions: trust.issuers && compileVersions(ways, trust.issuers),
      trusts: [...trusts, ...(conversation?.trusts ?? [])],
      keyNames,
      contexts: store && new SecurityContexts(store, tenant),
      possession,
      decryption: decryption || store ? decryptionRules(decryption, options.soap?.actor, limits) : undefined,
    },
    alternatives,
    bearer: compileBearer(options.accept, { skew, insecureTransport }),
    conversation,
    takesDigests: ways.some(
      (one) => one.kind === "username" && (one.options.secret ?? one.options.digest) !== undefined,
    ),
    claims: options.require?.claims ?? [],
    validation: compileValidation(options.validation, ways),
    injector: compileInjector(options.inject),
    actor: options.soap?.actor,
    understands: new Set(options.soap?.understands),
    actions: options.soap?.actions && new Map(Object.entries(options.soap.actions)),
    anonymous: options.anonymous ?? false,
    attachments: compileAttachments(options, ways),
    insecureTransport,
    reservations: new Reservations(options.replay ?? defaultReplayCache(clock, tenant), tenant),
    recorder: new Recorder({
      audit: compileAudit(options.audit),
      clock: checked,
      origin,
      milliseconds: limits.deadlineMilliseconds,
    }),
    workers: new DocumentWorkers(),
  };
}

const waysOf = ({ accept, conversation }: GuardOptions): readonly Alternative[] => [
  ...accept,
  ...(conversation?.bootstrap ?? []),
];

/** What only SOAP messages can have must not be promised on a route that takes none. */
function requireMessages({ accept, reply, soap, conversation }: GuardOptions): void {
  if (accept.some(({ kind }) => kind !== "jwt")) return;
  for (const [option, given] of Object.entries({ reply, soap, conversation })) {
    if (given === undefined) continue;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "This route takes bearer tokens only, so there are no SOAP messages that it could apply to.",
      "Remove it, or accept a token in the message.",
    );
  }
}

/** Unsigned attachments are kept where an alternative may rest on the transport. */
function compileAttachments(
  { attachments = false }: GuardOptions,
  ways: readonly Alternative[],
): CompiledGuard["attachments"] {
  const options = ways.map((way) => way.options);
  if (attachments) return { keepUnsigned: options.some((one) => "over" in one && one.over === "transport") };
  for (const [index, one] of options.entries()) {
    if (!("signed" in one) || !one.signed?.includes("attachments")) continue;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `accept[${index}].signed`,
      "Messages with attachments are not taken here.",
      "Set attachments, or remove it.",
    );
  }
  return undefined;
}

/** Revocation must be able to refuse somebody, and what it lets pass must be recorded. */
function requireRevocable({ trust, audit }: GuardOptions, ways: readonly Alternative[]): void {
  const { revocation, authorities } = trust ?? {};
  if (revocation === undefined) return;
  if (authorities === undefined || !ways.some(({ kind }) => kind === "x509")) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "trust.revocation",
      "No certificate would be asked for: that is done for signers of messages under trust.authorities.",
      "Set trust.authorities and accept x509(...), or remove it.",
    );
  }
  if (revocation.softFail && audit === undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "trust.revocation.softFail",
      "What it lets pass would be recorded nowhere.",
      "Set audit, or remove it.",
    );
  }
}

function compileTrust(options: TrustOptions = {}, skew: number) {
  const load = (given: readonly (string | Uint8Array)[] = [], option: string) =>
    given.map((certificate, index) => Certificate.load(certificate, `${option}[${index}]`));
  return {
    issuers: options.issuers && createAssertionIssuers(options.issuers, "trust.issuers"),
    authorities: load(options.authorities, "trust.authorities"),
    certificates: load(options.certificates, "trust.certificates"),
    keyNames: options.keyNames && loadKeyNames(options.keyNames),
    revocation: options.revocation && createRevocationCheck(options.revocation, skew, "trust.revocation"),
    decryption: options.decryption && loadDecryptionKeys(options.decryption, "trust.decryption"),
  };
}

function loadKeyNames(given: NonNullable<TrustOptions["keyNames"]>): ReadonlyMap<string, Certificate> {
  const named = ([name, certificate]: [string, string | Uint8Array]): [string, Certificate] => [
    name,
    Certificate.load(certificate, `trust.keyNames[${JSON.stringify(name)}]`),
  ];
  return new Map(Object.entries(given).map(named));
}

/** What may be decrypted: for keys of the service's own, and under contexts. */
const decryptionRules = (
  keys: readonly DecryptionKey[] = [],
  actor: string | undefined,
  limits: MessageLimits,
): DecryptionRules => ({ keys, actor, limits, maxOctets: limits.maxEncryptedMessage });

/** The versions of SAML that a route takes; undefined where it takes no assertions, whoever is trusted. */
function compileVersions(accept: readonly Alternative[], issuers: AssertionIssuers): SecurityRules["assertions"] {
  const versions = new Set<SamlVersion>();
  for (const { kind } of accept) {
    if (kind === "saml2") versions.add("2.0");
    if (kind === "saml11") versions.add("1.1");
  }
  return versions.size === 0 ? undefined : { issuers, versions };
}

function compileAudit(options: GuardOptions["audit"]): RecorderOptions["audit"] {
  if (options === undefined) return undefined;
  return typeof options === "function"
    ? { sink: options, mandatory: false }
    : { sink: options.sink, mandatory: options.mandatory ?? false };
}

function canonicalForms(uris: readonly string[] = []): ReadonlySet<string> {
  for (const [index, uri] of uris.entries()) {
    if (canonicalForm(uri) === undefined) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        `algorithms.canonicalization[${index}]`,
        `${uri} is not a canonical form.`,
        "Use a URI of Canonical XML.",
      );
    }
  }
  return new Set([exclusiveC14n, ...uris]);
}

const definedOnly = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
