import { refuse } from "../errors/index.js";
import { headerLines, type RequestHeaders } from "../guard/index.js";

/** A cookie as it was sent. */
interface ReceivedCookie {
  readonly name: string;
  /** Name and value as they stand. */
  readonly text: string;
  readonly value: string;
}

/** The cookies of a request (RFC 6265 section 4.2). */
export class Cookies {
  readonly #cookies: readonly ReceivedCookie[];

  constructor(headers: RequestHeaders) {
    this.#cookies = headerLines(headers, "cookie").flatMap(split);
  }

  /**
   * The value of a cookie.
   * @throws ERR_HTTP_HEADERS where there are two of that name: somebody planted one of them
   */
  value(name: string): string | undefined {
    const [found, second] = this.#cookies.filter((cookie) => cookie.name === name);
    if (second === undefined) return found?.value;
    refuse("ERR_HTTP_HEADERS", `two cookies are named ${name}`, {
      rule: "RFC 6265, 5.4",
      remedy: "Send one; clear the cookies of this site.",
    });
  }

  /**
   * The Cookie header without received cookies of these names, and with others in their place; undefined where it stays as it
   * came.
   */
  replaced(
    reserved: ReadonlySet<string>,
    added: readonly (readonly [name: string, value: string])[],
  ): { readonly value: string | undefined } | undefined {
    const kept = this.#cookies.filter(({ name }) => !reserved.has(name));
    if (added.length === 0 && kept.length === this.#cookies.length) return undefined;
    const all = [...kept.map(({ text }) => text), ...added.map(([name, value]) => `${name}=${value}`)];
    return { value: all.length === 0 ? undefined : all.join("; ") };
  }
}

function split(line: string): readonly ReceivedCookie[] {
  return line.split(";").flatMap((piece) => {
    const text = piece.trim();
    if (text === "") return [];
    const equals = text.indexOf("=");
    // Some readers drop white space around the name, some quotes around the value: a reserved name must not hide in either.
    const name = (equals === -1 ? text : text.slice(0, equals)).trim();
    const value = equals === -1 ? "" : text.slice(equals + 1).trim();
    return [{ name, text, value: value.replace(/^"(.*)"$/, "$1") }];
  });
}
