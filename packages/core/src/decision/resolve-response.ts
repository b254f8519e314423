import { isCountersignError, refuse } from "../errors/index.js";
import type { ResponseAttribute, ResponseRule, SubjectKey, ValueContext, ValueSource } from "../identity/index.js";
import { withinDeadline } from "../time/index.js";

/** Most characters of one value: what header buffers of servers take. */
const maxValue = 32_768;

/** Puts values in the place of sources: what a policy says becomes response data. */
export class ResponseResolver {
  readonly #context: ValueContext;
  readonly #milliseconds: number;

  /** @param milliseconds For how long a `compute` callback may think. */
  constructor(context: ValueContext, milliseconds: number) {
    this.#context = context;
    this.#milliseconds = milliseconds;
  }

  /**
   * @returns undefined where the value of a header or cookie is absent
   * @throws ERR_INTERNAL where a value that a token cannot be made without is absent, or a callback answers no text;
   * ERR_UNAVAILABLE where one throws or is late
   */
  async resolve(rule: ResponseRule): Promise<ResponseAttribute | undefined> {
    switch (rule.kind) {
      case "header":
      case "cookie": {
        const value = await this.#first(rule.value);
        return value === undefined ? undefined : { ...rule, value };
      }
      case "saml-session-ticket":
        return { ...rule, key: await this.#key(rule.key) };
      case "ws-security": {
        const { password, encrypt, key, attributes, ...rest } = rule;
        return {
          ...rest,
          password: password === undefined ? undefined : await this.#demanded(password, "password"),
          encrypt: encrypt && {
            ...encrypt,
            certificate: await this.#demanded(encrypt.certificate, "certificate to encrypt for"),
          },
          key: await this.#key(key),
          attributes: attributes && (await this.#attributes(attributes)),
        };
      }
    }
  }

  async #key(key: SubjectKey<ValueSource> | undefined): Promise<SubjectKey<string> | undefined> {
    if (key?.from !== "user") return key;
    const value = await this.#first(key.value);
    return value === undefined ? { from: "none" } : { from: "user", value };
  }

  async #attributes(
    given: Readonly<Record<string, readonly ValueSource[]>>,
  ): Promise<Readonly<Record<string, readonly string[]>>> {
    const resolved: Record<string, readonly string[]> = Object.create(null);
    for (const [name, sources] of Object.entries(given)) {
      const values = (await Promise.all(sources.map((source) => this.#values(source)))).flat();
      if (values.length > 0) resolved[name] = values;
    }
    return resolved;
  }

  async #demanded(source: ValueSource, what: string): Promise<string> {
    const value = await this.#first(source);
    if (value !== undefined && value !== "") return value;
    refuse("ERR_INTERNAL", `the user has no ${what} that the response could be made of`, {
      rule: "policies[].responses",
      remedy: "Look at the user's attributes, or take the value from elsewhere.",
    });
  }

  async #first(source: ValueSource): Promise<string | undefined> {
    return (await this.#values(source))[0];
  }

  async #values(source: ValueSource): Promise<readonly string[]> {
    const { attributes, variables, user } = this.#context;
    if (typeof source === "string") return [source];
    if ("user" in source) return [user];
    if ("attribute" in source) {
      return Object.hasOwn(attributes, source.attribute) ? (attributes[source.attribute] ?? []) : [];
    }
    if ("variable" in source) {
      return Object.hasOwn(variables, source.variable) ? [String(variables[source.variable])] : [];
    }
    const computed = await this.#computed(source.compute);
    return computed === undefined ? [] : [computed];
  }

  async #computed(
    compute: (context: ValueContext) => string | undefined | Promise<string | undefined>,
  ): Promise<string | undefined> {
    let answer: unknown;
    try {
      answer = await withinDeadline(compute(this.#context), this.#milliseconds, "a computed value");
    } catch (cause) {
      if (isCountersignError(cause)) throw cause;
      refuse("ERR_UNAVAILABLE", "a computed value of a response failed", { rule: "policies[].responses", cause });
    }
    if (answer === undefined || (typeof answer === "string" && answer.length <= maxValue)) return answer;
    refuse("ERR_INTERNAL", `a computed value is of type ${typeof answer}, or too long`, {
      rule: "policies[].responses",
      remedy: "Answer text of at most 32,768 characters, or undefined.",
    });
  }
}
