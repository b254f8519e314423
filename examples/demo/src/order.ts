import type { SecurityContext } from "@countersign/core";

const soap12 = "http://www.w3.org/2003/05/soap-envelope";

/** An order as a requestor writes it, without any security. */
export const order = (item: string): string =>
  `<env:Envelope xmlns:env="${soap12}"><env:Body>` +
  `<o:PlaceOrder xmlns:o="urn:example:orders"><o:item>${item}</o:item><o:quantity>2</o:quantity></o:PlaceOrder>` +
  "</env:Body></env:Envelope>";

/** What the service answers: it reads nothing but what was verified. */
export function receipt(
  { principal, message }: SecurityContext,
  subjectHeader: string | undefined,
): { type: string; body: string } {
  if (message === undefined) {
    return { type: "application/json", body: JSON.stringify({ orderedBy: principal.name, subjectHeader }) };
  }
  const item = message.body.child("PlaceOrder")?.child("item")?.text ?? "";
  const body =
    `<env:Envelope xmlns:env="${soap12}"><env:Body><o:OrderReceipt xmlns:o="urn:example:orders">` +
    `<o:orderedBy>${escaped(principal.name)}</o:orderedBy><o:item>${escaped(item)}</o:item>` +
    `<o:subjectHeader>${escaped(subjectHeader ?? "")}</o:subjectHeader></o:OrderReceipt></env:Body></env:Envelope>`;
  return { type: "application/soap+xml", body };
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
