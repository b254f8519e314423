import { fromBER } from "asn1js";
import {
  attributeKey,
  characterString,
  hex,
  type NameAttribute,
  nameKey,
  utf8,
  type WrittenAttribute,
} from "./name-attribute.js";

/** RFC 4514 section 3: the short names that every reader of names knows. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.6", "C"],
  ["2.5.4.9", "STREET"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["0.9.2342.19200300.100.1.1", "UID"],
]);

/** Further names that configuration and peers write; never written by us. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ...[...shortNames].map(([type, name]) => [name, type] as const),
  ["S", "2.5.4.8"],
  ["SN", "2.5.4.4"],
  ["SURNAME", "2.5.4.4"],
  ["SERIALNUMBER", "2.5.4.5"],
  ["T", "2.5.4.12"],
  ["TITLE", "2.5.4.12"],
  ["GN", "2.5.4.42"],
  ["GIVENNAME", "2.5.4.42"],
  ["DNQUALIFIER", "2.5.4.46"],
  ["ORGANIZATIONIDENTIFIER", "2.5.4.97"],
  ["E", "1.2.840.113549.1.9.1"],
  ["EMAILADDRESS", "1.2.840.113549.1.9.1"],
]);

/** Longest name text that is looked at, in characters. */
const maxText = 4096;

/**
 * The parts of a name in RFC 4514 text, most significant first, with what RFC 2253 lets a reader take besides: blanks around
 * separators, `;` for `,`, quoted values, `OID.` prefixes. Undefined where the text is not a name. Linear in the text.
 */
export function parseNameText(text: string): readonly (readonly WrittenAttribute[])[] | undefined {
  if (text.length > maxText) return undefined;
  const parts: WrittenAttribute[][] = [];
  if (text.trim() === "") return parts;
  const scanner = new NameScanner(text);
  let part: WrittenAttribute[] = [];
  for (;;) {
    const attribute = scanner.attribute();
    if (attribute === undefined) return undefined;
    part.push(attribute);
    const separator = scanner.separator();
    if (separator === "+") continue;
    parts.push(part);
    part = [];
    if (separator === "end") return parts.reverse();
    if (separator === undefined) return undefined;
  }
}

/** The key of the name that the text stands for: see `DistinguishedName.key`. Undefined where the text is not a name. */
export function nameKeyOfText(text: string): string | undefined {
  const parts = parseNameText(text);
  return parts && nameKey(parts.map((part) => part.map(attributeKey)));
}

/** Reads the parts of a name in text, one after the other. */
class NameScanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  attribute(): WrittenAttribute | undefined {
    this.#blanks();
    const equals = this.#text.indexOf("=", this.#position);
    if (equals === -1) return undefined;
    const type = attributeType(this.#text.slice(this.#position, equals).trim());
    this.#position = equals + 1;
    this.#blanks();
    if (type === undefined) return undefined;
    if (this.#next() === "#") return this.#hexadecimal(type);
    const text = this.#next() === '"' ? this.#quoted() : this.#plain();
    return text === undefined ? undefined : { type, text, der: undefined };
  }

  separator(): "," | "+" | "end" | undefined {
    this.#blanks();
    const next = this.#next();
    if (next === undefined) return "end";
    this.#position++;
    return next === "+" ? "+" : next === "," || next === ";" ? "," : undefined;
  }

  #next(): string | undefined {
    return this.#text[this.#position];
  }

  #blanks(): void {
    while (this.#next() === " ") this.#position++;
  }

  #quoted(): string | undefined {
    this.#position++;
    const octets: Buffer[] = [];
    for (;;) {
      const next = this.#next();
      if (next === undefined) return undefined;
      if (next === '"') {
        this.#position++;
        return text(octets);
      }
      if (!this.#character(octets)) return undefined;
    }
  }

  #plain(): string | undefined {
    const octets: Buffer[] = [];
    // Blanks at the end count only where one was escaped.
    let kept = 0;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next === "," || next === ";" || next === "+") return text(octets.slice(0, kept));
      if (next === '"' || next === "<" || next === ">" || !this.#character(octets)) return undefined;
      if (next !== " ") kept = octets.length;
    }
  }

  #hexadecimal(type: string): WrittenAttribute | undefined {
    const match = /#((?:[0-9a-f]{2})+) *(?=[,;+]|$)/iy;
    match.lastIndex = this.#position;
    const found = match.exec(this.#text);
    if (!found) return undefined;
    this.#position += found[0].length;
    const der = Buffer.from(found[1] ?? "", "hex");
    const { offset, result } = fromBER(der);
    return offset === der.length ? { type, text: characterString(result), der } : undefined;
  }

  /** Takes one character or escape: `\,` or the hexadecimal form of an octet of its UTF-8. */
  #character(octets: Buffer[]): boolean {
    if (this.#next() !== "\\") {
      const character = String.fromCodePoint(this.#text.codePointAt(this.#position) ?? 0);
      octets.push(Buffer.from(character));
      this.#position += character.length;
      return true;
    }
    const escaped = this.#text.slice(this.#position + 1, this.#position + 3);
    if (/^[0-9a-f]{2}$/i.test(escaped)) {
      octets.push(Buffer.from(escaped, "hex"));
      this.#position += 3;
      return true;
    }
    const [character = ""] = escaped;
    if (!/^[ "#+,;<=>\\]$/.test(character)) return false;
    octets.push(Buffer.from(character));
    this.#position += 2;
    return true;
  }
}

/** The object identifier of an attribute type, given by short name or itself; undefined for any other text. */
export function attributeType(name: string): string | undefined {
  const plain = name.toUpperCase().replace(/^OID\./, "");
  return typeNames.get(plain) ?? (/^[0-2](?:\.(?:0|[1-9]\d{0,38})){1,20}$/.test(plain) ? plain : undefined);
}

/** An attribute as RFC 4514 text. */
export function writeAttribute({ type, text, der }: NameAttribute): string {
  const name = shortNames.get(type);
  return name === undefined || text === undefined ? `${name ?? type}=${hex(der)}` : `${name}=${escapeValue(text)}`;
}

/** RFC 4514 section 2.4, with every control character as hexadecimal so that none reaches a log or a header. */
function escapeValue(text: string): string {
  const last = text.length - 1;
  return Array.from({ length: text.length }, (_, index) => {
    const character = text.charAt(index);
    if (character < " " || character === "\u007f") return `\\${Buffer.from(character).toString("hex")}`;
    const escaped =
      '"+,;<>\\'.includes(character) ||
      (character === "#" && index === 0) ||
      (character === " " && (index === 0 || index === last));
    return escaped ? `\\${character}` : character;
  }).join("");
}

function text(octets: readonly Uint8Array[]): string | undefined {
  return utf8(Buffer.concat(octets));
}
