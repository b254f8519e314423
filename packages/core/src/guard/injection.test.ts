import { describe, expect, it } from "vitest";
import { CountersignError } from "../errors/index.js";
import { headerText } from "../http/index.js";
import { compileInjector } from "./injection.js";
import type { InjectOptions } from "./options.js";
import type { SecurityContext } from "./security-context.js";

const security = { principal: { name: "alice", kind: "username" } } as unknown as SecurityContext;
const headersFor = (headers: InjectOptions["headers"]) => compileInjector({ headers }).headersFor(security);
const refusal = (code: string) => expect.objectContaining({ code });

describe("compileInjector", () => {
  it("adds fixed and computed headers in lower case, and leaves out those without a value", () => {
    expect(
      headersFor({ "X-Subject": ({ principal }) => principal.name, "x-none": () => undefined, "x-fixed": "a b" }),
    ).toEqual([
      ["x-subject", "alice"],
      ["x-fixed", "a b"],
    ]);
    expect(headersFor(undefined)).toEqual([]);
    expect(compileInjector(undefined).strips("x-subject")).toBe(false);
  });

  it.each(["x-auth-user", "X-Auth-User", "X_Auth_User", "x.auth.user", "X-AUTH_USER", "x_auth-user"])(
    "strips %s (L1, L2)",
    (spelling) => {
      for (const options of [{ headers: { "X-Auth-User": "a" } }, { strip: ["x_auth_user"] }]) {
        expect(compileInjector(options).strips(spelling)).toBe(true);
        for (const other of ["x-auth-users", "x-auth", "xauthuser", ""]) {
          expect(compileInjector(options).strips(other)).toBe(false);
        }
      }
    },
  );

  it.each<[string, InjectOptions, string]>([
    ["a name with a space", { headers: { "x subject": "a" } }, 'inject.headers["x subject"]'],
    ["a name with a line break", { headers: { "x\r\ny": "a" } }, 'inject.headers["x\r\ny"]'],
    ["an empty name", { headers: { "": "a" } }, 'inject.headers[""]'],
    ["a name beyond ASCII", { strip: ["x-subject", "x-naïve"] }, "inject.strip[1]"],
    ["a header of HTTP", { headers: { "Content-Length": "1" } }, 'inject.headers["Content-Length"]'],
    [
      "a header of HTTP in another spelling",
      { headers: { transfer_encoding: "x" } },
      'inject.headers["transfer_encoding"]',
    ],
    ["a header of HTTP to strip", { strip: ["host"] }, "inject.strip[0]"],
    ["two spellings of one name", { headers: { "x-a": "1", x_a: "2" } }, 'inject.headers["x_a"]'],
    [
      "more than 50 headers",
      { headers: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`x-${index}`, "a"])) },
      "inject.headers",
    ],
  ])("rejects %s with ERR_CONFIG_INVALID", (_, options, option) => {
    expect(() => compileInjector(options)).toThrow(expect.objectContaining({ code: "ERR_CONFIG_INVALID", option }));
  });

  it("accepts 8 KiB of headers, and rejects one character more with ERR_TOKEN_MALFORMED", () => {
    const long = (length: number) => ({ "x-a": () => "a".repeat(length) });
    expect(headersFor(long(8_192 - 3))).toHaveLength(1);
    expect(() => headersFor(long(8_192 - 2))).toThrow(refusal("ERR_TOKEN_MALFORMED"));
  });

  it.each([null, 1, true, {}, ["a"], Symbol("a"), Promise.resolve("a")])(
    "rejects a function that answers %s with ERR_INTERNAL",
    (answer) => {
      expect(() => headersFor({ "x-a": () => answer as string })).toThrow(refusal("ERR_INTERNAL"));
    },
  );

  it("rejects a function that throws with ERR_INTERNAL, naming its header, and with an outage that it tells", () => {
    const cause = new RangeError("down");
    const failing = (error: Error) => () =>
      headersFor({
        "x-a"() {
          throw error;
        },
      });
    expect(failing(cause)).toThrow(
      expect.objectContaining({
        code: "ERR_INTERNAL",
        cause,
        detail: expect.objectContaining({ reason: "the function for the header x-a failed" }),
      }),
    );
    const outage = new CountersignError("ERR_UNAVAILABLE", { reason: "the directory is down" });
    expect(failing(outage)).toThrow(outage);
  });
});

describe("headerText", () => {
  it.each(["alice", "a b", "!~", "a", "UTF-8", "utf-8 'x'", "CN=alice,O=Example"])("keeps %j", (value) => {
    expect(headerText(value)).toBe(value);
  });

  it.each([
    ["", "UTF-8''"],
    [" a", "UTF-8''%20a"],
    ["a ", "UTF-8''a%20"],
    ["Zoë", "UTF-8''Zo%C3%AB"],
    ["a\r\nX-Role: admin", "UTF-8''a%0D%0AX-Role%3A%20admin"],
    ["a\0", "UTF-8''a%00"],
    ["a\tb", "UTF-8''a%09b"],
    ["a\u007f", "UTF-8''a%7F"],
    ["(é)*'", "UTF-8''%28%C3%A9%29%2A%27"],
    ["\ud800", "UTF-8''%EF%BF%BD"],
    // What looks encoded already would be read as something else than it is.
    ["UTF-8''admin", "UTF-8''UTF-8%27%27admin"],
    ["utf-8'en'%61dmin", "UTF-8''utf-8%27en%27%2561dmin"],
    ["iso-8859-1'en'a", "UTF-8''iso-8859-1%27en%27a"],
  ])("writes %j as an ext-value of RFC 8187 (L5)", (value, text) => {
    expect(headerText(value)).toBe(text);
    expect(decodeURIComponent(text.slice(7))).toBe(value === "\ud800" ? "\ufffd" : value);
  });
});
