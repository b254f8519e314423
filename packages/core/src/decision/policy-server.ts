import { isCountersignError, refuse } from "../errors/index.js";
import type {
  AgentNeed,
  AuthenticatedSubject,
  AuthenticationRequest,
  AuthenticationResult,
  AuthorizationRequest,
  AuthorizationResult,
  Credentials,
  DecisionPoint,
  ResourceProtection,
  ResourceQuery,
  ResponseAttribute,
  SchemeRequirement,
  SessionResult,
  ValueContext,
} from "../identity/index.js";
import { checkedClock, systemClock } from "../time/index.js";
import { BoundedDirectory } from "./authenticate.js";
import { type CompiledPolicies, type CompiledPolicy, type CompiledRealm, compilePolicies } from "./compile-policies.js";
import type { DirectoryUser } from "./directory.js";
import { checkPolicyServerOptions } from "./option-schema.js";
import type { PolicyServerOptions } from "./options.js";
import { ResponseResolver } from "./resolve-response.js";
import { Sessions } from "./sessions.js";

/**
 * A policy server in this process: realms say what is protected and how, policies say who may do what, and what agents add
 * to requests.
 * @throws ConfigurationError for any wrong or impossible option, with its path and the remedy
 */
export function policyServer(options: PolicyServerOptions): DecisionPoint {
  checkPolicyServerOptions(options);
  return new PolicyServer(options);
}

class PolicyServer implements DecisionPoint {
  readonly needs: readonly AgentNeed[];
  readonly schemes: readonly SchemeRequirement[];
  readonly #policies: CompiledPolicies;
  readonly #directory: BoundedDirectory;
  readonly #sessions: Sessions;
  readonly #milliseconds: number;

  constructor(options: PolicyServerOptions) {
    this.#milliseconds = options.timeoutMilliseconds ?? 3_000;
    this.#policies = compilePolicies(options);
    this.needs = this.#policies.needs;
    this.schemes = [...this.#policies.realms.values()].flatMap((realm) => realm.schemes);
    this.#directory = new BoundedDirectory(options.users, this.#milliseconds);
    const clock = checkedClock(options.clock ?? systemClock);
    this.#sessions = new Sessions(options.sessions, options.tenant ?? "countersign", clock, this.#milliseconds);
  }

  async isProtected({ path }: ResourceQuery): Promise<ResourceProtection> {
    const realm = this.#realmOf(path);
    if (realm !== undefined) return realm.protection;
    if (!this.#policies.open.some((pattern) => pattern.matches(path))) return { kind: "unknown" };
    return { kind: "open", reserved: this.#policies.reserved };
  }

  async authenticate(request: AuthenticationRequest): Promise<AuthenticationResult> {
    const { resource, scheme, credentials, ticket } = request;
    const realm = this.#realmOf(resource.path);
    if (realm === undefined || realm.name !== request.realm) return { outcome: "refused", reason: otherRealm };
    if (!realm.schemes.some(({ kind }) => kind === scheme)) {
      return { outcome: "refused", reason: `the realm ${realm.name} takes no ${scheme} credentials` };
    }
    const identified = await this.#directory.identify(credentials);
    if ("reason" in identified) return { outcome: "refused", reason: identified.reason };
    // Whoever planted a ticket before the login must not hold one after it.
    if (ticket !== undefined) await this.#sessions.end(ticket);
    const begun = await this.#sessions.begin(this.#subjectOf(identified.user, realm, credentials));
    if (begun === undefined) return { outcome: "refused", reason: "the user has too many sessions" };
    return { outcome: "authenticated", ...begun };
  }

  async authorize(request: AuthorizationRequest): Promise<AuthorizationResult> {
    const { resource, ticket, variables } = request;
    const realm = this.#realmOf(resource.path);
    if (realm === undefined || realm.name !== request.realm) return { outcome: "denied", reason: otherRealm };
    const used = await this.#sessions.use(ticket);
    if ("why" in used) return { outcome: "denied", reason: used.reason };
    if (used.session.directory !== this.#directory.name) return { outcome: "denied", reason: otherDirectory };
    if (used.session.level < realm.level) return { outcome: "denied", reason: lowLevel(used.session.level, realm) };
    const user = await this.#directory.find(used.session.user);
    if (user === undefined) return { outcome: "denied", reason: "the user is disabled, or unknown by now" };
    const context: ValueContext = { user: user.name, attributes: user.attributes ?? {}, variables };
    const policy = realm.policies.find((candidate) => permits(candidate, resource, user, context));
    if (policy === undefined) return { outcome: "denied", reason: `no policy of ${realm.name} permits it` };
    const resolver = new ResponseResolver(context, this.#milliseconds);
    const responses: ResponseAttribute[] = [];
    for (const rule of policy.responses) {
      const response = await resolver.resolve(rule);
      if (response !== undefined) responses.push(response);
    }
    return { outcome: "permitted", policy: policy.name, responses };
  }

  async validateSession(ticket: string, { path }: ResourceQuery): Promise<SessionResult> {
    const used = await this.#sessions.use(ticket);
    if ("why" in used) return { outcome: "refused", ...used };
    if (used.session.directory !== this.#directory.name) {
      return { outcome: "refused", why: "invalid", reason: otherDirectory };
    }
    if ((await this.#directory.find(used.session.user)) === undefined) {
      return { outcome: "refused", why: "revoked", reason: "the user is disabled, or unknown by now" };
    }
    const realm = this.#realmOf(path);
    if (realm !== undefined && used.session.level < realm.level) {
      return { outcome: "refused", why: "level", reason: lowLevel(used.session.level, realm) };
    }
    return { outcome: "valid", ticket, ...used };
  }

  async logOut(ticket: string): Promise<void> {
    await this.#sessions.end(ticket);
  }

  async close(): Promise<void> {
    await this.#sessions.close();
  }

  /** The realm with the most exact pattern; an open resource that is named more exactly than any realm is in none. */
  #realmOf(path: string): CompiledRealm | undefined {
    let found: CompiledRealm | undefined;
    let length = -1;
    for (const realm of this.#policies.realms.values()) {
      for (const pattern of realm.patterns) {
        if (pattern.length > length && pattern.matches(path)) {
          found = realm;
          length = pattern.length;
        }
      }
    }
    const opened = this.#policies.open.some((pattern) => pattern.length > length && pattern.matches(path));
    return opened ? undefined : found;
  }

  #subjectOf({ name }: DirectoryUser, { level }: CompiledRealm, credentials: Credentials): AuthenticatedSubject {
    const certificate = credentials.kind === "certificate" ? credentials.certificate : undefined;
    const publicKey =
      credentials.kind === "certificate" || credentials.kind === "assertion" ? credentials.publicKey : undefined;
    return { name, directory: this.#directory.name, level, certificate, publicKey };
  }
}

const otherRealm = "the resource is not in the realm that was asked about";

const otherDirectory = "the session is of a user of another directory";

const lowLevel = (level: number, realm: CompiledRealm): string =>
  `the session has protection level ${level}, and the realm ${realm.name} demands ${realm.level}`;

function permits(
  { rules, users, when }: CompiledPolicy,
  { method, path, operation }: ResourceQuery,
  user: DirectoryUser,
  context: ValueContext,
): boolean {
  const ruled = rules.some(
    (rule) =>
      rule.methods.has(method) &&
      (rule.resources === undefined || rule.resources.some((pattern) => pattern.matches(path))) &&
      (rule.operations === undefined || (operation !== undefined && rule.operations.has(operation))),
  );
  if (!ruled || !isAmong(users, user)) return false;
  return when === undefined || answerOf(when, context);
}

function isAmong(users: CompiledPolicy["users"], { name, attributes = {} }: DirectoryUser): boolean {
  if (users === "everyone") return true;
  return users.some((one) => {
    if (typeof one === "string") return one === name;
    const held = Object.hasOwn(attributes, one.attribute) ? (attributes[one.attribute] ?? []) : [];
    return one.values.some((value) => held.includes(value));
  });
}

/** A rule that does not answer true or false is a defect, not a denial: the audit record must say so. */
function answerOf(when: NonNullable<CompiledPolicy["when"]>, context: ValueContext): boolean {
  let answer: unknown;
  try {
    answer = when(context);
  } catch (cause) {
    if (isCountersignError(cause)) throw cause;
    refuse("ERR_INTERNAL", "the condition of a policy failed", { rule: "policies[].when", cause });
  }
  if (typeof answer === "boolean") return answer;
  refuse("ERR_INTERNAL", `the condition of a policy answered ${typeof answer}, not true or false`, {
    rule: "policies[].when",
    remedy: "Answer true or false, at once: promises are not waited for.",
  });
}
