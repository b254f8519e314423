import { ConfigurationError, nearest } from "../errors/index.js";
import type { ValueSource } from "../identity/index.js";

/** Values of response variables: text as it was configured, or where a value comes from. */
export type AliasValue = ValueSource | readonly ValueSource[];

/** Response variables: `NAME=value` lines, of which one name may repeat, or values by name. */
export type AliasVariables = readonly string[] | Readonly<Record<string, AliasValue>>;

/** Reads the variables of one response; every mistake names the variable. */
export class AliasReader {
  readonly #attribute: string;
  readonly #values = new Map<string, readonly ValueSource[]>();

  /**
   * @param names The variables that the attribute has.
   * @throws ConfigurationError for a variable that it has not, naming the one that was probably meant
   */
  constructor(attribute: string, variables: AliasVariables, names: readonly string[]) {
    this.#attribute = attribute;
    for (const [name, value] of pairsOf(variables, attribute)) {
      if (!names.includes(name)) {
        const meant = nearest(name, names);
        const remedy = meant === undefined ? `It has ${names.join(", ")}.` : `Did you mean ${meant}?`;
        this.fail(name, "This response has no such variable.", remedy);
      }
      const values = Array.isArray(value) ? (value as readonly ValueSource[]) : [value as ValueSource];
      this.#values.set(name, [...(this.#values.get(name) ?? []), ...values]);
    }
  }

  /** All values of a variable. */
  all(name: string): readonly ValueSource[] {
    return this.#values.get(name) ?? [];
  }

  /** The value of a variable that stands once. */
  source(name: string): ValueSource | undefined {
    const [value, second] = this.all(name);
    if (second !== undefined) this.fail(name, "It stands twice.", "Keep one.");
    return value;
  }

  /** The value of a variable that is text. */
  text(name: string): string | undefined {
    const value = this.source(name);
    if (value === undefined || typeof value === "string") return value;
    return this.fail(name, "It must be text.", "Write the value itself.");
  }

  /** The value of a variable that is on or off. */
  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value === "true" || value === "yes") return true;
    if (value === "false" || value === "no") return false;
    return this.fail(name, "It must be True or False.", "Write True or False.");
  }

  /** The value of a variable that is a number of seconds. */
  seconds(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    return /^[1-9]\d{0,4}$/.test(value)
      ? Number(value)
      : this.fail(name, "It must be a number of seconds.", "Write one.");
  }

  /** What one of these words stands for; case is of no matter. */
  word<Meaning>(name: string, meanings: Readonly<Record<string, Meaning>>): Meaning | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    for (const [word, meaning] of Object.entries(meanings)) {
      if (word.toLowerCase() === value.toLowerCase()) return meaning;
    }
    return this.fail(name, "It has no such value.", `Write one of ${Object.keys(meanings).join(", ")}.`);
  }

  /** @throws ConfigurationError always */
  fail(name: string, reason: string, remedy: string, code: ConfigurationError["code"] = "ERR_CONFIG_INVALID"): never {
    throw new ConfigurationError(code, `${this.#attribute}.${name}`, reason, remedy);
  }
}

function pairsOf(variables: AliasVariables, attribute: string): readonly (readonly [string, AliasValue])[] {
  if (!Array.isArray(variables)) return Object.entries(variables as Readonly<Record<string, AliasValue>>);
  return (variables as readonly string[]).map((line, index) => {
    const equals = line.indexOf("=");
    if (equals > 0) return [line.slice(0, equals).trim(), sourceOf(line.slice(equals + 1).trim(), attribute)] as const;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${attribute}[${index}]`,
      "This is no NAME=value.",
      "Write one.",
    );
  });
}

/** A value as a line writes it: static text, or a user attribute. What is computed there has to be written anew here. */
function sourceOf(text: string, attribute: string): ValueSource {
  const named = /^<%\s*userattr\s*=\s*"([^"]+)"\s*%>$/.exec(text)?.[1];
  if (named !== undefined) return { attribute: named };
  if (!/^<[%#@]/.test(text)) return text;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    attribute,
    "Values of directory entries and of functions are not read from text.",
    "Give the variables by name, with attribute(...) or computed(...) as their values.",
  );
}
