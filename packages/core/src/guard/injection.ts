import { ConfigurationError, isCountersignError, refuse } from "../errors/index.js";
import { headerSpelling, headerText, requireHeaderName } from "../http/index.js";
import { disregard } from "../time/index.js";
import type { InjectOptions } from "./options.js";
import type { Injection } from "./seam.js";
import type { SecurityContext } from "./security-context.js";

/** Header injection of one route, compiled once. */
export interface Injector {
  /** Whether a received header must go. */
  readonly strips: (name: string) => boolean;
  /**
   * The headers of one request.
   * @throws ERR_TOKEN_MALFORMED where what the token says makes them longer than 8 KiB; ERR_INTERNAL where a function of the
   * options throws or answers anything but text or undefined
   */
  headersFor(security: SecurityContext): Injection["headers"];
}

/** Computes the value of one header. */
type HeaderFunction = (security: SecurityContext) => string | undefined;

/** Most headers that a route may add. */
const maxHeaders = 50;

/** Most characters of all added names and values: more is refused by servers behind us, if not by us. */
const maxCharacters = 8_192;

/**
 * Compiles the header rules of a route.
 * @throws ConfigurationError for a name that is not a header name or belongs to HTTP, for two spellings of one name, and for
 * more than 50 headers
 */
export function compileInjector(options: InjectOptions | undefined): Injector {
  const rules: [string, string | HeaderFunction][] = [];
  const stripped = new Set<string>();
  for (const [name, value] of Object.entries(options?.headers ?? {})) {
    const key = claim(name, `inject.headers["${name}"]`, stripped);
    rules.push([name.toLowerCase(), typeof value === "string" ? headerText(value) : value]);
    stripped.add(key);
  }
  if (rules.length > maxHeaders) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "inject.headers",
      `These are more than ${maxHeaders} headers.`,
      "Inject what handlers need; all claims are in the security context.",
    );
  }
  for (const [index, name] of (options?.strip ?? []).entries())
    stripped.add(claim(name, `inject.strip[${index}]`, undefined));
  return {
    strips: stripped.size === 0 ? () => false : (name) => stripped.has(headerSpelling(name)),
    headersFor(security) {
      const headers: [string, string][] = [];
      let characters = 0;
      for (const [name, rule] of rules) {
        const value = typeof rule === "string" ? rule : computed(rule, security, name);
        if (value === undefined) continue;
        characters += name.length + value.length;
        headers.push([name, value]);
      }
      if (characters > maxCharacters) refuseLength(characters);
      return headers;
    },
  };
}

function computed(rule: HeaderFunction, security: SecurityContext, name: string): string | undefined {
  const value = answerOf(rule, security, name);
  if (value === undefined) return undefined;
  if (typeof value === "string") return headerText(value);
  disregard(value);
  refuse("ERR_INTERNAL", `the value of the header ${name} is of type ${typeof value}, not text`, {
    rule: `inject.headers["${name}"]`,
    remedy: "Return text or undefined, at once: promises are not waited for.",
  });
}

function answerOf(rule: HeaderFunction, security: SecurityContext, name: string): unknown {
  try {
    return rule(security);
  } catch (cause) {
    if (isCountersignError(cause)) throw cause;
    refuse("ERR_INTERNAL", `the function for the header ${name} failed`, { rule: `inject.headers["${name}"]`, cause });
  }
}

function refuseLength(characters: number): never {
  refuse("ERR_TOKEN_MALFORMED", `the headers made of the token have ${characters} characters, over ${maxCharacters}`, {
    rule: "inject.headers",
    remedy: "Inject fewer or shorter values, or get a token with shorter ones.",
  });
}

function claim(name: string, option: string, taken: Set<string> | undefined): string {
  const key = requireHeaderName(name, option);
  if (taken?.has(key)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "Another rule sets the same header under another spelling.",
      "Keep one of them.",
    );
  }
  return key;
}
