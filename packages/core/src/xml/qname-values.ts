import { refuse } from "../errors/index.js";
import type { XmlDocument } from "./document.js";
import { soapEncoding11Namespace, soapEncoding12Namespace, xsiNamespace } from "./names.js";
import type { RenderedNamespaces } from "./rendered.js";
import { registerName } from "./symbols.js";
import * as tape from "./tape.js";

const xsiType = registerName(xsiNamespace, "type");
const arrayType = registerName(soapEncoding11Namespace, "arrayType");
const itemType = registerName(soapEncoding12Namespace, "itemType");

/** One canonicalisation's look at attributes whose values are QNames. */
export class QNameValues {
  readonly #document: XmlDocument;
  #scope: Scope | undefined;

  constructor(document: XmlDocument) {
    this.#document = document;
  }

  /**
   * Refuses an attribute whose value is a QName by its definition and whose prefix means something else, or nothing, in the
   * canonical octets: whoever signed them did not sign what the prefix stands for here (Basic Security Profile 1.1, R5405).
   *
   * @param element stands behind the one asked before, if there was one.
   */
  requireBound(element: number, rendered: RenderedNamespaces): void {
    const document = this.#document;
    const { ints, declarationBase } = document.tape;
    const end = document.attributesEnd(element);
    for (let row = document.attributesStart(element); row < end; row++) {
      const name = document.attributeName(row);
      if (name !== xsiType && name !== arrayType && name !== itemType) continue;
      const value = document.attributeValue(row).trim();
      const prefix = value.slice(0, Math.max(0, value.indexOf(":")));
      if (prefix === "xml") continue;
      this.#scope ??= new Scope(document, element);
      const binding = this.#scope.bindingOf(element, prefix);
      const at = declarationBase + binding * tape.declarationWidth;
      const uri = ints[at + tape.declarationUri]!;
      if (binding === tape.noBinding && prefix === "") continue;
      if (binding !== tape.noBinding && rendered.bound(ints[at + tape.declarationPrefix]!) === uri) continue;
      const remedy =
        "Declare the prefix on the signed element and list it in InclusiveNamespaces, or use it in a name there.";
      const reason = `The prefix "${prefix.slice(0, 64)}" in an attribute value is not protected by the signature.`;
      refuse("ERR_WSS_INVALID_SECURITY", reason, {
        place: () => document.place(element),
        rule: "BSP 1.1 R5405",
        remedy,
      });
    }
  }
}

/**
 * Which declaration row binds each prefix, for elements in document order. It takes in every declaration once: to look for
 * each value's prefix from its element outwards would multiply values, depth and declarations.
 */
class Scope {
  readonly #document: XmlDocument;
  readonly #rows = new Map<string, number[]>();
  readonly #open: { readonly rows: number[]; readonly after: number }[] = [];
  /** The first element that was not taken in. */
  #next: number;

  constructor(document: XmlDocument, first: number) {
    this.#document = document;
    const around: number[] = [];
    for (let element = first; element >= 0; element = document.parent(element)) around.push(element);
    for (const element of around.reverse()) this.#enter(element);
    this.#next = first + 1;
  }

  bindingOf(element: number, prefix: string): number {
    while (this.#next <= element) this.#enter(this.#next++);
    return this.#rows.get(prefix)?.at(-1) ?? tape.noBinding;
  }

  #enter(element: number): void {
    const document = this.#document;
    for (let last = this.#open.at(-1); last !== undefined && last.after <= element; last = this.#open.at(-1)) {
      last.rows.pop();
      this.#open.pop();
    }
    const end = document.declarationsEnd(element);
    let d = document.declarationsStart(element);
    if (d === end) return;
    const { ints, declarationBase } = document.tape;
    const after = document.after(element);
    for (; d < end; d++) {
      const at = declarationBase + d * tape.declarationWidth;
      const start = ints[at + tape.declarationStart]! + 6;
      const prefix = document.bytes.toString("utf8", start, start + (ints[at + tape.declarationLength]! >> 1));
      const rows = this.#rows.get(prefix) ?? [];
      if (rows.length === 0) this.#rows.set(prefix, rows);
      rows.push(d);
      this.#open.push({ rows, after });
    }
  }
}
