import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Alternative, type GuardOptions, has, jwt, saml2, saml11, x509 } from "@countersign/core";
import { messageOf, UsageError } from "../usage-error.js";

type Json = Readonly<Record<string, unknown>>;

/** What makes an alternative out of its options; `createGuard` checks them. */
const kinds: Readonly<Record<string, (options: never) => Alternative>> = { saml2, saml11, x509, jwt };

/** Options whose text is the path of a PEM or DER file, wherever they stand. */
const files: ReadonlySet<string> = new Set(["certificates", "authorities", "attesters", "certificate", "key", "keys"]);

/**
 * Guard options from their JSON form: as in a module, but that certificates and keys are paths, relative to the file, that
 * an entry of `accept` is `{ "saml2": { … } }`, and a rule of `require.claims` is `{ "role": ["clerk"] }`.
 * @param file Path of the JSON file.
 * @throws UsageError for anything that has no JSON form, and for files that cannot be read
 */
export function guardOptionsOf(value: unknown, file: string): GuardOptions {
  if (!isObject(value)) throw new UsageError(`${file} holds no object of guard options.`);
  const directory = dirname(file);
  const { accept, require: required, ...rest } = withFiles(value, directory) as Json;
  const claims = isObject(required) ? required.claims : undefined;
  return {
    ...rest,
    accept: Array.isArray(accept) ? accept.map(alternativeOf) : accept,
    ...(required === undefined ? {} : { require: { ...(required as Json), ...rulesOf(claims) } }),
  } as unknown as GuardOptions;
}

function alternativeOf(entry: unknown, index: number): Alternative {
  const [[kind = "", options] = [], second] = isObject(entry) ? Object.entries(entry) : [];
  const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (make !== undefined && second === undefined) return make((options ?? {}) as never);
  const reason = kind === "usernameToken" ? "a password check is a function: write the configuration as a module" : "";
  throw new UsageError(
    `accept[${index}]: ${reason || `write one of ${Object.keys(kinds).join(", ")} and its options, as in { "x509": {} }`}.`,
  );
}

function rulesOf(claims: unknown): Json {
  if (claims === undefined) return {};
  if (!Array.isArray(claims)) throw new UsageError('require.claims: write a list, as in [{ "role": ["clerk"] }].');
  return { claims: claims.flatMap((rule: unknown) => (isObject(rule) ? Object.entries(rule).map(ruleOf) : [rule])) };
}

function ruleOf([type, values]: [string, unknown]) {
  const wanted = Array.isArray(values) ? values : [values];
  if (wanted.every((one): one is string => typeof one === "string")) return has(type, ...wanted);
  throw new UsageError(`require.claims: the values of ${type} are not text.`);
}

/** The value with the content of files in the place of their paths. */
function withFiles(value: unknown, directory: string, option = ""): unknown {
  const name = /\w+$/.exec(option)?.[0] ?? "";
  if (typeof value === "string") return files.has(name) ? contentOf(value, directory, option) : value;
  if (Array.isArray(value)) {
    return value.map((one: unknown, index) =>
      typeof one === "string" && files.has(name)
        ? contentOf(one, directory, `${option}[${index}]`)
        : withFiles(one, directory, `${option}[${index}]`),
    );
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      withFiles(one, directory, option === "" ? key : `${option}.${key}`),
    ]),
  );
}

function contentOf(given: string, directory: string, option: string): string | Uint8Array {
  if (given.includes("-----BEGIN")) return given;
  try {
    const octets = readFileSync(resolve(directory, given));
    return octets.includes("-----BEGIN") ? octets.toString("utf8") : octets;
  } catch (error) {
    throw new UsageError(`${option}: ${given} cannot be read: ${messageOf(error)}.`);
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
