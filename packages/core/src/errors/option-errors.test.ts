import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigurationError } from "../errors/index.js";
import { checkOptions, toConfigurationError } from "./option-errors.js";

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  size: z.number().int().min(1).max(5).optional(),
  flag: z.boolean().optional(),
  names: z.array(z.string()).min(2).max(3).optional(),
  mode: z.enum(["fast", "safe"]).optional(),
  either: z.union([z.string(), z.strictObject({ sink: z.string(), mandatory: z.boolean().optional() })]).optional(),
  one: z.union([z.literal(400), z.literal(500)]).optional(),
  own: z
    .custom((value) => value === "own", { error: "It is not ours.", params: { remedy: "Make your own." } })
    .optional(),
  plain: z.custom((value) => value === "plain", "This must be a plain thing.").optional(),
  form: z.string().regex(/^a/, "It starts otherwise.").optional(),
  headers: z.record(z.string(), z.string()).optional(),
  kinds: z
    .array(
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("a"), audience: z.string().optional() }),
        z.strictObject({ kind: z.literal("b") }),
      ]),
    )
    .optional(),
});

function mistake(options: unknown): string {
  try {
    checkOptions(schema, options);
  } catch (error) {
    if (error instanceof ConfigurationError) return `${error.code} ${error.message}`;
  }
  return "accepted";
}

describe("checkOptions", () => {
  it("accepts every option in its right form", () => {
    const right = { name: "n", size: 5, flag: true, names: ["a", "b"], mode: "fast", either: { sink: "s" }, one: 500 };
    expect(mistake(right)).toBe("accepted");
    expect(mistake({ own: "own", plain: "plain", form: "abc", headers: { "x-a": "1" }, kinds: [{ kind: "b" }] })).toBe(
      "accepted",
    );
  });

  it.each<[string, unknown, string]>([
    ["a misspelt name", { nam: "n" }, "nam: There is no such option. Did you mean name?"],
    ["another case", { Flag: true }, "Flag: There is no such option. Did you mean flag?"],
    [
      "a name of nothing",
      { kinds: [{ kind: "a", colour: 1 }] },
      "kinds[0].colour: There is no such option. Remove it, or use one of audience, kind.",
    ],
    [
      "a misspelt name in one kind of several",
      { kinds: [{ kind: "b" }, { kind: "a", audence: "u" }] },
      "kinds[1].audence: There is no such option. Did you mean audience?",
    ],
    ["another kind", { kinds: [{ kind: "c" }] }, 'kinds[0].kind: This is nothing that can stand here. Use "a" or "b".'],
    ["no object at all", 5, "options: This is a number, not an object. Give an object."],
    ["nothing at all", undefined, "options: It is missing. Give an object."],
    ["another type", { name: 5 }, "name: This is a number, not text. Give text."],
    ["a fraction", { size: 1.5 }, "size: This is a number, not a whole number. Give a whole number."],
    ["too small a number", { size: 0 }, "size: This is too little. Give 1 or more."],
    ["too large a number", { size: 6 }, "size: This is too much. Give 5 or less."],
    ["empty text", { name: "" }, "name: It is empty. Give 1 character or more."],
    ["too short a list", { names: ["a"] }, "names: This is too little. Give 2 entries or more."],
    ["too long a list", { names: ["a", "a", "a", "a"] }, "names: This is too much. Give 3 entries or less."],
    ["another value", { mode: "slow" }, 'mode: This value is not known here. Use "fast" or "safe".'],
    ["another of two values", { one: 401 }, "one: This is nothing that can stand here. Give 400 or 500."],
    ["another of two types", { either: 5 }, "either: This is nothing that can stand here. Give text or an object."],
    [
      "one of two types, with a mistake inside",
      { either: { sink: 5 } },
      "either.sink: This is a number, not text. Give text.",
    ],
    [
      "one of two types, with a misspelt name inside",
      { either: { sink: "s", mandatry: true } },
      "either.mandatry: There is no such option. Did you mean mandatory?",
    ],
    ["a value with its own remedy", { own: 1 }, "own: It is not ours. Make your own."],
    ["a value that says what it must be", { plain: 1 }, "plain: This must be a plain thing. Give a plain thing."],
    ["text of another form", { form: "b" }, "form: It starts otherwise. See the option's documentation."],
    ["a value under a free name", { headers: { "x-a": 1 } }, 'headers["x-a"]: This is a number, not text. Give text.'],
  ])("rejects %s with ERR_CONFIG_INVALID, its path and a remedy", (_, options, message) => {
    expect(mistake(options)).toBe(`ERR_CONFIG_INVALID ${message}`);
  });
});

describe("toConfigurationError", () => {
  it("tells the path where it does not know the names", () => {
    const { error } = schema.safeParse({ nam: "n" });
    expect(error && toConfigurationError(error)).toMatchObject({
      code: "ERR_CONFIG_INVALID",
      option: "nam",
      remedy: "Check its spelling, or remove it.",
    });
  });
});
