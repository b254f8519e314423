import { ConfigurationError } from "../errors/index.js";
import { type NameId, registerName } from "./symbols.js";

/** Namespace names by the prefix that a location path writes; `""` is for element names without prefix, default none. */
export type PathNamespaces = Readonly<Record<string, string>>;

/** A name that a step looks for. */
export interface StepName {
  readonly id: NameId;
  readonly namespace: string;
  readonly localName: string;
}

/** One step of a location path. A step to attributes is the last one. */
export type Step =
  /** No `name` for `*`; `position` counts from 1 among what the step finds in one parent, 0 for all, -1 for the last. */
  | { readonly axis: "child"; readonly name: StepName | undefined; readonly position: number }
  | { readonly axis: "attribute"; readonly name: StepName };

/** What a location path computes. */
export type Expression =
  | { readonly kind: "path"; readonly steps: readonly Step[] }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "count" | "sum" | "index"; readonly steps: readonly Step[] }
  | { readonly kind: "div" | "mod"; readonly left: Expression; readonly right: Expression };

/** Bounds of one text: what it costs is steps times elements, so steps are what counts. */
const maxCharacters = 1_024;
const maxSteps = 32;
const maxParentheses = 8;

const lexeme =
  /\s*(?:(?<name>[\p{L}_][\p{L}\p{M}\p{N}_.·-]*(?::(?!:)[\p{L}_][\p{L}\p{M}\p{N}_.·-]*)?)|(?<number>\d+(?:\.\d+)?|\.\d+)|(?<mark>::|\/\/|\.\.|[/@[\]()*.]))/uy;

interface Lexeme {
  readonly kind: "name" | "number" | "mark";
  readonly text: string;
}

/**
 * Parses a location path: child and attribute steps (`/p:Order/p:Line[2]/@id`), `*`, positions (`[2]`, `[last()]`), a
 * closing `text()`, and the functions and operators `count()`, `sum()`, `index()`, `div`, `mod` over them. There is no step
 * to descendants or ancestors and no filter by value: a path means one place, and costs its length times the document's.
 * @param option Path of the option that holds the text, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for any other text, and for a prefix that `namespaces` does not bind
 */
export function parseLocationPath(text: string, namespaces: PathNamespaces, option: string): Expression {
  if (text.length > maxCharacters) invalid(option, `The path is longer than ${maxCharacters} characters.`);
  return new PathParser(lexemes(text, option), namespaces, option).parse();
}

function lexemes(text: string, option: string): readonly Lexeme[] {
  const found: Lexeme[] = [];
  const end = text.trimEnd().length;
  lexeme.lastIndex = 0;
  while (lexeme.lastIndex < end) {
    const at = lexeme.lastIndex;
    const groups = lexeme.exec(text)?.groups;
    if (groups === undefined) invalid(option, `The path cannot be read from "${text.slice(at, at + 20).trim()}" on.`);
    if (groups.name !== undefined) found.push({ kind: "name", text: groups.name });
    else if (groups.number !== undefined) found.push({ kind: "number", text: groups.number });
    else found.push({ kind: "mark", text: groups.mark as string });
  }
  return found;
}

class PathParser {
  readonly #lexemes: readonly Lexeme[];
  readonly #namespaces: PathNamespaces;
  readonly #option: string;
  #at = 0;
  #steps = 0;
  #depth = 0;

  constructor(found: readonly Lexeme[], namespaces: PathNamespaces, option: string) {
    this.#lexemes = found;
    this.#namespaces = namespaces;
    this.#option = option;
  }

  parse(): Expression {
    const expression = this.#expression();
    const rest = this.#lexemes[this.#at];
    if (rest !== undefined) invalid(this.#option, `The path has "${rest.text}" where it should end.`);
    return expression;
  }

  #expression(): Expression {
    let left = this.#operand();
    for (;;) {
      const operator = this.#lexemes[this.#at]?.text;
      if (operator !== "div" && operator !== "mod") return left;
      this.#at++;
      left = { kind: operator, left, right: this.#operand() };
    }
  }

  #operand(): Expression {
    const next = this.#lexemes[this.#at];
    if (next?.kind === "number") {
      this.#at++;
      this.#count();
      return { kind: "number", value: Number(next.text) };
    }
    if (this.#take("(")) {
      if (++this.#depth > maxParentheses) invalid(this.#option, "Parentheses are nested too deeply.");
      const inner = this.#expression();
      this.#expect(")");
      this.#depth--;
      return inner;
    }
    const called = this.#lexemes[this.#at + 1]?.text === "(" ? next?.text : undefined;
    if (called === undefined) return { kind: "path", steps: this.#path() };
    if (called !== "count" && called !== "sum" && called !== "index") {
      invalid(this.#option, `There is no function ${called}() here.`);
    }
    this.#at += 2;
    const steps = this.#path();
    this.#expect(")");
    return { kind: called, steps };
  }

  #path(): readonly Step[] {
    const steps: Step[] = [];
    this.#take("/");
    for (;;) {
      const last = this.#step(steps);
      if (!this.#take("/")) return steps;
      if (last) invalid(this.#option, "Nothing can follow an attribute or text().");
    }
  }

  /** Reads one step; says whether it is the last by its kind. */
  #step(steps: Step[]): boolean {
    this.#count();
    const next = this.#lexemes[this.#at];
    if (next?.text === "text" && this.#lexemes[this.#at + 1]?.text === "(") {
      if (steps.length === 0) invalid(this.#option, "text() needs the element in front of it.");
      this.#at += 2;
      this.#expect(")");
      return true;
    }
    const axis = this.#axis();
    if (axis === "attribute") {
      steps.push({ axis, name: this.#name(false) });
      return true;
    }
    const name = this.#take("*") ? undefined : this.#name(true);
    steps.push({ axis, name, position: this.#take("[") ? this.#position() : 0 });
    return false;
  }

  #axis(): Step["axis"] {
    if (this.#take("@")) return "attribute";
    if (this.#lexemes[this.#at + 1]?.text !== "::") return "child";
    const named = this.#lexemes[this.#at]?.text;
    if (named !== "child" && named !== "attribute") invalid(this.#option, `There is no axis ${named} here.`);
    this.#at += 2;
    return named;
  }

  #position(): number {
    const next = this.#lexemes[this.#at];
    if (next?.text === "last") {
      this.#at++;
      this.#expect("(");
      this.#expect(")");
      this.#expect("]");
      return -1;
    }
    const position = next?.kind === "number" ? Number(next.text) : 0;
    if (!Number.isSafeInteger(position) || position < 1)
      invalid(this.#option, "A position is a number from 1 on, or last().");
    this.#at++;
    this.#expect("]");
    return position;
  }

  #name(ofElement: boolean): StepName {
    const next = this.#lexemes[this.#at];
    if (next?.kind !== "name") {
      invalid(
        this.#option,
        next === undefined ? "The path ends too early." : `The path has "${next.text}" for a name.`,
      );
    }
    this.#at++;
    const colon = next.text.indexOf(":");
    const prefix = next.text.slice(0, Math.max(0, colon));
    if (prefix === "") return named(ofElement ? (this.#namespaces[""] ?? "") : "", next.text);
    const namespace = Object.hasOwn(this.#namespaces, prefix) ? this.#namespaces[prefix] : undefined;
    if (namespace === undefined) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        this.#option,
        `The prefix ${prefix} is not bound.`,
        `Add ${prefix} to the namespaces that go with the path.`,
      );
    }
    return named(namespace, next.text.slice(colon + 1));
  }

  #count(): void {
    if (++this.#steps > maxSteps) invalid(this.#option, `The path has more than ${maxSteps} steps.`);
  }

  #take(mark: string): boolean {
    const next = this.#lexemes[this.#at];
    if (next?.kind !== "mark" || next.text !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) invalid(this.#option, `The path lacks a "${mark}".`);
  }
}

function named(namespace: string, localName: string): StepName {
  return { id: registerName(namespace, localName), namespace, localName };
}

function invalid(option: string, reason: string): never {
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    option,
    reason,
    "Write child steps, an attribute and positions, such as /p:Order/p:Line[1]/@id, or count(), sum(), index(), div and mod of them.",
  );
}
