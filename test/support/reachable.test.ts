import { describe, expect, it } from "vitest";
import { findText } from "./reachable.js";

const secret = () => ["open", "sesame"].join(" ");

const owns = (url: string) => url.includes("reachable.test");

class Keeper {
  readonly #kept: unknown;
  constructor(kept: unknown) {
    this.#kept = kept;
  }
  use(): unknown {
    return this.#kept;
  }
}

describe("findText()", () => {
  it.each<[string, () => unknown]>([
    ["a property", () => ({ a: [{ b: secret() }] })],
    ["a private field", () => ({ keeper: new Keeper({ inner: new Keeper(secret()) }) })],
    ["a Map", () => new Map([["key", new Set([secret()])]])],
    ["a Buffer", () => new Keeper(Buffer.from(`x ${secret()} x`))],
    ["a settled promise", () => Promise.resolve({ kept: secret() })],
    ["a bound argument", () => ((_: string) => undefined).bind(undefined, secret())],
    [
      "a closure",
      () => {
        const kept = secret();
        return new Keeper(() => kept);
      },
    ],
    [
      "a cycle",
      () => {
        const one: { other?: unknown } = {};
        one.other = { one, kept: secret() };
        return one;
      },
    ],
  ])("finds a text in %s", (_, make) => {
    expect(findText(make(), secret(), owns).paths).toHaveLength(1);
  });

  it("finds nothing in a WeakMap, which does not hold its entries", () => {
    const key = { kept: secret() };
    expect(findText(new WeakMap([[key, key]]), secret(), owns).paths).toEqual([]);
    expect(findText([key, new WeakMap([[key, key]])], secret(), owns).paths).toHaveLength(1);
  });

  it("finds nothing of what was used and not kept", () => {
    const used = new Keeper((() => secret().length)());
    expect(findText({ used, callback: secret }, secret(), owns)).toMatchObject({ paths: [] });
  });
});
