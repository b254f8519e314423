import { assemble, type MessageText, type SoapMessage, soapPrefix } from "../../support/messages.js";
import { namespaces } from "../../support/namespaces.js";
import type { Sent } from "./sent.js";

/** Text in which `found` stands exactly once, with something else in its place. An attack that changes nothing shows nothing. */
export function replaced(text: string, found: string | RegExp, by: string | ((found: string) => string)): string {
  const pattern = typeof found === "string" ? found : new RegExp(found.source, `${found.flags.replace("g", "")}g`);
  const times =
    text.split(typeof found === "string" ? found : new RegExp(found.source, found.flags.replace("g", ""))).length - 1;
  const matches = typeof pattern === "string" ? times : [...text.matchAll(pattern)].length;
  if (matches !== 1) throw new TypeError(`${found} stands ${matches} times in the message`);
  return text.replace(found, (match) => (typeof by === "string" ? by : by(match)));
}

/** A message with parts changed or added, and possibly another order of them. */
export function rebuilt(message: SoapMessage, changes: Partial<MessageText>): Sent {
  const parts = { ...message.parts, ...changes.parts };
  return { soap: message.soap, body: assemble({ ...message, ...changes, parts }) };
}

/** A message with the text of one part changed. */
export function changed(message: SoapMessage, name: string, change: (text: string) => string): Sent {
  return rebuilt(message, { parts: { [name]: change(part(message, name)) } });
}

/** The text of a part, which must be there. */
export function part(message: MessageText, name: string): string {
  const found = message.parts[name];
  if (found === undefined) throw new TypeError(`the message has no part ${name}`);
  return found;
}

/** A Body that nobody signed. */
export function evilBody(message: MessageText, attributes = ""): string {
  const soap = soapPrefix(message.soap);
  return `<${soap}:Body${attributes}><o:Order xmlns:o="${namespaces.o}">evil</o:Order></${soap}:Body>`;
}

/** A header block that nobody reads, around something. */
export function wrapped(content: string): string {
  return `<x:Wrap xmlns:x="urn:x">${content}</x:Wrap>`;
}

/** The text of an element's own start tag, content and end tag in other hands: the element's content. */
export function contentOf(text: string): string {
  return text.slice(text.indexOf(">") + 1, text.lastIndexOf("</"));
}
