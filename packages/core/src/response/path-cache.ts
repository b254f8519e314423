import { ConfigurationError } from "../errors/index.js";
import { compileLocationPath, type LocationPath } from "../xml/index.js";

/** Most different paths that one agent keeps: their names stay registered, and policies do not have more. */
const maxPaths = 1_000;

/** Location paths by text and namespaces: what a policy server names with each answer is compiled once. */
export class PathCache {
  readonly #compiled = new Map<string, LocationPath>();

  /** @throws ConfigurationError for what is no location path, and for more than 1,000 different ones */
  compile(path: string, namespaces: Readonly<Record<string, string>> | undefined): LocationPath {
    const key = namespaces === undefined ? path : `${path} ${JSON.stringify(namespaces)}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    if (this.#compiled.size === maxPaths) {
      throw new ConfigurationError("ERR_CONFIG_INVALID", "path", "There are too many location paths.", "Use fewer.");
    }
    const compiled = compileLocationPath(path, namespaces ?? {}, "path");
    this.#compiled.set(key, compiled);
    return compiled;
  }
}
