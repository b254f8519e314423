/** A media type and its parameters. */
export interface ContentType {
  /** The type without its parameters, as written. */
  readonly essence: string;
  /** By lower-case name; values without quotation marks. */
  readonly parameters: ReadonlyMap<string, string>;
}

const parameter =
  /[ \t]*;[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))/y;

/** The media type without its parameters, as written. */
export function essenceOf(type: string): string {
  const semicolon = type.indexOf(";");
  return semicolon === -1 ? type : type.slice(0, semicolon);
}

/**
 * Reads a Content-Type value (RFC 9110 section 8.3.1).
 * @returns undefined where parameters are not `name=value` or `name="value"`, or one is repeated
 */
export function parseContentType(type: string): ContentType | undefined {
  const essence = essenceOf(type);
  const parameters = new Map<string, string>();
  parameter.lastIndex = essence.length;
  while (parameter.lastIndex < type.length) {
    const match = parameter.exec(type);
    const name = match?.[1]?.toLowerCase();
    if (!match || name === undefined || parameters.has(name)) return undefined;
    parameters.set(name, match[3] ?? (match[2] ?? "").replace(/\\(.)/g, "$1"));
  }
  return { essence, parameters };
}
