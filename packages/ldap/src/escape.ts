import { Filter } from "ldapts";

/** Puts values into a filter, each escaped so that it stays a value (RFC 4515 section 3). */
export function fillFilter(template: string, values: Readonly<Record<string, string>>): string {
  return fill(template, values, (value) => Filter.escape(value));
}

/** Puts a name into a distinguished name, escaped so that it stays the value of its attribute (RFC 4514 section 2.4). */
export function fillDn(template: string, name: string): string {
  return fill(template, { name }, escapeDnValue);
}

/** Replaces each placeholder once: what a value brings along is never looked at again. */
function fill(template: string, values: Readonly<Record<string, string>>, escaped: (value: string) => string): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? placeholder : escaped(value);
  });
}

/** Every octet but letters and digits as a pair of hexadecimal digits, which RFC 4514 allows for all of them. */
function escapeDnValue(value: string): string {
  return Array.from(Buffer.from(value, "utf8"), (octet) => {
    const character = String.fromCharCode(octet);
    return /[A-Za-z0-9]/.test(character) ? character : `\\${octet.toString(16).padStart(2, "0")}`;
  }).join("");
}
