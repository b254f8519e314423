import { ConfigurationError } from "../errors/index.js";
import type {
  AgentNeed,
  ProtectedResource,
  ReservedNames,
  ResponseRule,
  SchemeRequirement,
  ValueSource,
  VariableRequest,
} from "../identity/index.js";
import { checkResponse } from "../response/index.js";
import type { PolicyOptions, PolicyRule, PolicyServerOptions, RealmOptions } from "./options.js";
import { compilePattern, type ResourcePattern } from "./resource-pattern.js";
import { requireConsumable, requireSuitable } from "./suitability.js";

/** A policy after all checks. */
export interface CompiledPolicy {
  readonly name: string;
  readonly rules: readonly CompiledRule[];
  readonly users: PolicyOptions["users"];
  readonly when: PolicyOptions["when"];
  readonly responses: readonly ResponseRule[];
}

/** A rule after all checks. */
export interface CompiledRule {
  readonly methods: ReadonlySet<string>;
  /** Undefined: every resource of the realm. */
  readonly resources: readonly ResourcePattern[] | undefined;
  /** Undefined: any operation, or none. */
  readonly operations: ReadonlySet<string> | undefined;
}

/** A realm with its policies. */
export interface CompiledRealm {
  readonly name: string;
  readonly level: number;
  readonly schemes: readonly SchemeRequirement[];
  readonly patterns: readonly ResourcePattern[];
  readonly policies: readonly CompiledPolicy[];
  /** What agents are told about each resource of it. */
  readonly protection: ProtectedResource;
}

/** All realms, and what agents must be told or have. */
export interface CompiledPolicies {
  readonly realms: ReadonlyMap<string, CompiledRealm>;
  readonly open: readonly ResourcePattern[];
  readonly reserved: ReservedNames;
  readonly needs: readonly AgentNeed[];
}

/**
 * Compiles realms and policies.
 * @throws ConfigurationError for names that are not unique or not known, and for what can never be
 */
export function compilePolicies(options: PolicyServerOptions): CompiledPolicies {
  const { realms, policies, open = [], variables = [] } = options;
  const schemes = new Map<string, readonly SchemeRequirement[]>();
  for (const [index, realm] of realms.entries()) {
    if (schemes.has(realm.name)) invalid(`realms[${index}].name`, "Another realm has this name.", "Choose another.");
    schemes.set(realm.name, schemesOf(realm));
  }
  requireUnique(variables);
  const compiled = policies.map((policy, index) => compilePolicy(policy, index, schemes, variables));
  const all = policies.flatMap(({ responses = [] }) => responses);
  const reserved: ReservedNames = {
    headers: [...new Set(all.flatMap((one) => (one.kind === "header" ? [one.name.toLowerCase()] : [])))],
    cookies: [...new Set(all.flatMap((one) => (one.kind === "cookie" ? [one.name] : [])))],
    actors: [...new Set(all.flatMap((one) => (one.kind === "ws-security" && one.remove !== false ? [one.actor] : [])))],
  };
  const byName = new Map<string, CompiledRealm>();
  for (const [index, realm] of realms.entries()) {
    const own = compiled.filter((_, position) => policies[position]?.realm === realm.name);
    const responses = own.flatMap((policy) => policy.responses);
    const level = realm.level ?? 5;
    byName.set(realm.name, {
      name: realm.name,
      level,
      schemes: schemesOf(realm),
      patterns: realm.resources.map((text, at) => compilePattern(text, `realms[${index}].resources[${at}]`)),
      policies: own,
      protection: {
        kind: "protected",
        realm: realm.name,
        schemes: schemesOf(realm),
        level,
        variables: own.length === 0 ? [] : variables,
        soapOnly: responses.some(needsSoap),
        reserved,
      },
    });
  }
  return {
    realms: byName,
    open: open.map((text, index) => compilePattern(text, `open[${index}]`)),
    reserved,
    needs: policies.flatMap(needsOf),
  };
}

function compilePolicy(
  policy: PolicyOptions,
  index: number,
  realms: ReadonlyMap<string, readonly SchemeRequirement[]>,
  variables: readonly VariableRequest[],
): CompiledPolicy {
  const option = `policies[${index}]`;
  const { realm, responses = [], associated = [] } = policy;
  const schemes = realms.get(realm);
  if (schemes === undefined) invalid(`${option}.realm`, `There is no realm ${realm}.`, "Name one of `realms`.");
  for (const [at, response] of responses.entries()) {
    checkResponse(response, `${option}.responses[${at}]`);
    requireSuitable({ response, option: `${option}.responses[${at}]`, schemes, realm });
    requireVariables(response, `${option}.responses[${at}]`, variables);
  }
  for (const [at, name] of associated.entries()) {
    const consumer = realms.get(name);
    const path = `${option}.associated[${at}]`;
    if (consumer === undefined) invalid(path, `There is no realm ${name}.`, "Name one of `realms`.");
    requireConsumable(responses, { name, schemes: consumer }, path);
  }
  return {
    name: policy.name ?? `${realm} ${index + 1}`,
    rules: policy.rules.map((rule, at) => compileRule(rule, `${option}.rules[${at}]`)),
    users: policy.users,
    when: policy.when,
    responses,
  };
}

function compileRule({ methods = ["POST"], resources, operations }: PolicyRule, option: string): CompiledRule {
  return {
    methods: new Set(methods),
    resources: resources?.map((text, index) => compilePattern(text, `${option}.resources[${index}]`)),
    operations: operations && new Set(operations),
  };
}

function needsOf({ responses = [] }: PolicyOptions, policy: number): AgentNeed[] {
  return responses.flatMap((response, index): AgentNeed[] => {
    const option = `policies[${policy}].responses[${index}]`;
    if (response.kind === "saml-session-ticket") {
      const ring: AgentNeed = { what: "ticket-keys", option };
      return response.sign ? [ring, { what: "signing-key", option }] : [ring];
    }
    const signs =
      response.kind === "ws-security" &&
      (response.token === "x509" || response.token === "saml2" || response.token === "saml11" || response.signature);
    return signs ? [{ what: "signing-key", option }] : [];
  });
}

const needsSoap = (response: ResponseRule): boolean =>
  response.kind === "ws-security" ||
  (response.kind === "saml-session-ticket" && (response.in ?? "envelope") === "envelope");

function requireVariables(response: ResponseRule, option: string, variables: readonly VariableRequest[]): void {
  for (const source of sourcesOf(response)) {
    if (typeof source === "string" || !("variable" in source)) continue;
    if (variables.some(({ name }) => name === source.variable)) continue;
    invalid(option, `There is no variable ${source.variable}.`, "Declare it in `variables`.");
  }
}

function sourcesOf(response: ResponseRule): readonly ValueSource[] {
  if (response.kind === "header" || response.kind === "cookie") return [response.value];
  const sources: (ValueSource | undefined)[] = [response.key?.from === "user" ? response.key.value : undefined];
  if (response.kind === "ws-security") {
    sources.push(response.password, response.encrypt?.certificate, ...Object.values(response.attributes ?? {}).flat());
  }
  return sources.filter((source) => source !== undefined);
}

function requireUnique(variables: readonly VariableRequest[]): void {
  for (const [index, { name }] of variables.entries()) {
    if (variables.findIndex((other) => other.name === name) !== index) {
      invalid(`variables[${index}].name`, "Another variable has this name.", "Choose another.");
    }
  }
}

const schemesOf = ({ scheme }: RealmOptions): readonly SchemeRequirement[] => ("kind" in scheme ? [scheme] : scheme);

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
