import type { z } from "zod";
import { ConfigurationError } from "./error.js";
import { nearest } from "./nearest.js";

/** Names that an object knows, by the list of those that it refused. */
type KnownNames = WeakMap<readonly string[], readonly string[]>;

/** What is wrong with an option, and what to do about it. */
interface Explanation {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Checks the shape of options.
 * @throws ConfigurationError for the first wrong option: its path, what is wrong, and what would be right
 */
export function checkOptions(schema: z.ZodType, options: unknown): void {
  const known: KnownNames = new WeakMap();
  const result = schema.safeParse(options, {
    error(issue) {
      // Only here it can still be seen which object refused the names.
      if (issue.code === "unrecognized_keys" && issue.inst !== undefined) {
        known.set(issue.keys, Object.keys((issue.inst as z.core.$ZodObject)._zod.def.shape));
      }
      return undefined;
    },
  });
  if (!result.success) throw toConfigurationError(result.error, known);
}

/** The first mistake that zod found, with the option's path and a remedy. */
export function toConfigurationError(error: z.ZodError, known: KnownNames = new WeakMap()): ConfigurationError {
  const { path, reason, remedy } = explain(error.issues[0] as z.core.$ZodIssue, known);
  return new ConfigurationError("ERR_CONFIG_INVALID", optionPath(path), sentence(reason), remedy);
}

function explain(issue: z.core.$ZodIssue, known: KnownNames): Explanation {
  const { path, message } = issue;
  // zod's own messages start in this way; any other was written for the option and tells more.
  const reason = (ours: string) => (/^(?:Invalid|Too|Unrecognized) /.test(message) ? ours : message);
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownName([...path, issue.keys[0] ?? ""], issue.keys, known.get(issue.keys));
    case "invalid_type": {
      const received = /received (\w+)$/.exec(message)?.[1] ?? "";
      const wanted = noun(issue.expected);
      const ours = received === "undefined" ? "It is missing." : `This is ${noun(received)}, not ${wanted}.`;
      return { path, reason: reason(ours), remedy: `Give ${wanted}.` };
    }
    case "invalid_value":
      return { path, reason: reason("This value is not known here."), remedy: `Use ${values(issue.values)}.` };
    case "too_small":
      return { path, reason: reason(tooSmall(issue)), remedy: `Give ${amount(issue.origin, issue.minimum)} or more.` };
    case "too_big":
      return {
        path,
        reason: reason("This is too much."),
        remedy: `Give ${amount(issue.origin, issue.maximum)} or less.`,
      };
    case "invalid_union":
      return explainUnion(issue, known, reason);
    case "custom":
      return { path, reason: message, remedy: remedyOf(issue) };
    default:
      return { path, reason: message, remedy: "See the option's documentation." };
  }
}

function unknownName(
  path: readonly PropertyKey[],
  [name = ""]: readonly string[],
  known: readonly string[] = [],
): Explanation {
  const reason = "There is no such option.";
  const meant = nearest(name, known);
  if (meant !== undefined) return { path, reason, remedy: `Did you mean ${meant}?` };
  if (known.length === 0) return { path, reason, remedy: "Check its spelling, or remove it." };
  return { path, reason, remedy: `Remove it, or use one of ${[...known].sort().join(", ")}.` };
}

/** A union is wrong in each of its ways: where the value went far in one of them, that one was meant. */
function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  known: KnownNames,
  reason: (ours: string) => string,
): Explanation {
  const { path } = issue;
  const first = issue.errors.flatMap(([found]) => (found === undefined ? [] : [found]));
  const depth = (found: z.core.$ZodIssue) => found.path.length + (found.code === "unrecognized_keys" ? 1 : 0);
  const meant = first.find((found) => depth(found) === Math.max(1, ...first.map(depth)));
  if (meant !== undefined) {
    const inner = explain(meant, known);
    return { ...inner, path: [...path, ...inner.path] };
  }
  const ours = "This is nothing that can stand here.";
  if (first.length === 0) {
    const kinds = "options" in issue && Array.isArray(issue.options) ? values(issue.options) : "a known kind";
    return { path, reason: reason(ours), remedy: `Use ${kinds}.` };
  }
  return { path, reason: reason(ours), remedy: `Give ${either([...new Set(first.map(wantedBy))])}.` };
}

function wantedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return noun(issue.expected);
  if (issue.code === "invalid_value") return values(issue.values);
  return /^This must be (.*)\.$/.exec(issue.message)?.[1] ?? issue.message.replace(/\.$/, "");
}

function remedyOf({ params, message }: z.core.$ZodIssueCustom): string {
  if (typeof params?.remedy === "string") return params.remedy;
  const wanted = /^This must be (.*)\.$/.exec(message)?.[1];
  return wanted === undefined ? "See the option's documentation." : `Give ${wanted}.`;
}

function tooSmall({ origin, minimum }: z.core.$ZodIssueTooSmall): string {
  return origin !== "number" && Number(minimum) === 1 ? "It is empty." : "This is too little.";
}

function amount(origin: string, bound: number | bigint): string {
  if (origin === "string") return `${bound} ${bound === 1 ? "character" : "characters"}`;
  return origin === "array" ? `${bound} ${bound === 1 ? "entry" : "entries"}` : String(bound);
}

const nouns: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
  NaN: "NaN",
};

const noun = (type: string): string => nouns[type] ?? `a ${type}`;

const values = (list: readonly unknown[]): string =>
  either(list.map((value) => (typeof value === "string" ? JSON.stringify(value) : String(value))));

const either = (list: readonly string[]): string =>
  list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} or ${list.at(-1)}`;

const sentence = (text: string): string => (text.endsWith(".") ? text : `${text}.`);

function optionPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) text += typeof step === "number" ? `[${step}]` : named(String(step), text === "");
  return text === "" ? "options" : text;
}

/** Names that are no identifiers, such as those of headers, stand in brackets. */
function named(step: string, first: boolean): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(step)) return `[${JSON.stringify(step)}]`;
  return first ? step : `.${step}`;
}
