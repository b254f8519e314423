import { element, text, write } from "./markup.js";

/** Size and density of an order document. */
export interface PayloadShape {
  /** Octets of UTF-8, met within one order line. */
  readonly octets: number;
  /** Octets per element; more makes the texts longer. Default 43: about 23,000 elements in a MB, which is ordinary. */
  readonly octetsPerElement?: number;
}

/**
 * An order document of the asked size: repeated lines of five elements, two attributes, short texts, some of them with `&amp;` or
 * letters beyond ASCII. Canonical as it stands.
 */
export function orders(shape: PayloadShape): string {
  const noteLength = Math.max(1, (shape.octetsPerElement ?? 43) * 5 - Buffer.byteLength(orderLine(10_000, 0)));
  const lines: string[] = [];
  let length = Buffer.byteLength(wrap([]));
  for (let number = 1; length < shape.octets; number++) {
    const line = orderLine(number, noteLength);
    length += Buffer.byteLength(line);
    lines.push(line);
  }
  return wrap(lines);
}

function wrap(lines: readonly string[]): string {
  return write(element("o:Order", {}, lines));
}

function orderLine(number: number, noteLength: number): string {
  return (
    `<o:Line number="${number}"><o:Sku>A-${100_000 + number}</o:Sku><o:Quantity>${(number % 9) + 1}</o:Quantity>` +
    `<o:Price currency="EUR">${(number * 17) % 1000}.99</o:Price><o:Note>${text(note(number, noteLength))}</o:Note></o:Line>`
  );
}

const sentences = [
  "Deliver to the back gate & ring twice. ",
  "Größe L, à livrer avant midi. ",
  "No substitute, call before dispatch. ",
];

function note(number: number, length: number): string {
  const sentence = sentences[number % sentences.length] ?? "";
  return sentence.repeat(Math.ceil(length / sentence.length)).slice(0, length);
}
