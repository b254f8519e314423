import { lookedAt, order, orderOfAlice, signedOrder, type World } from "./world.js";

/** How the remedy was followed: in the message, in the guard's options, or on the clock. */
export type Mend =
  | { readonly in: "message"; readonly text: string }
  | { readonly in: "options"; readonly config: string }
  | { readonly in: "clock"; readonly at: string };

/** A broken message, and its mend. */
export interface Example {
  /** Name of its file, without the ending. */
  readonly name: string;
  /** `http` for a whole request. */
  readonly ending: "xml" | "http";
  /** What is wrong, in a few words. */
  readonly broken: string;
  /** What was done about it, in a few words. */
  readonly mended: string;
  readonly code: string;
  /** Name of the element that is told as the place, empty in front of all; undefined where it is about no one place. */
  readonly element: string | undefined;
  /** A part of the remedy: what the mend follows. */
  readonly remedy: string;
  /** When the message is looked at. */
  readonly at: string;
  readonly text: string;
  readonly mend: Mend;
}

const audience = "https://orders.example/orders";

/** Every example, its messages made with the keys of a world. */
export function examplesOf(world: World): readonly Example[] {
  const genuine = signedOrder(world);
  const body = /<soap:Body.*<\/soap:Body>/s.exec(genuine)?.[0] ?? "";
  const bodyId = /<soap:Body[^>]* wsu:Id="([^"]+)"/.exec(genuine)?.[1] ?? "";
  const message = (text: string): Mend => ({ in: "message", text });
  const request = (mediaType: string, text: string): string =>
    `POST /orders HTTP/1.1\nHost: orders.example\nContent-Type: ${mediaType}\n\n${text}`;
  const usual = { ending: "xml", at: lookedAt } as const;
  return [
    {
      ...usual,
      name: "expired-timestamp",
      broken: "the Timestamp expired an hour ago",
      mended: "looked at when it was fresh: one clock was an hour wrong",
      code: "ERR_WSS_MESSAGE_EXPIRED",
      element: "wsu:Timestamp",
      remedy: "Check both clocks",
      at: "2026-11-02T11:05:00Z",
      text: genuine,
      mend: { in: "clock", at: lookedAt },
    },
    {
      ...usual,
      name: "changed-body",
      broken: "somebody changed the item after signing",
      mended: "sent as it was signed",
      code: "ERR_WSS_FAILED_CHECK",
      element: "soap:Body",
      remedy: "Send the element as it was signed",
      text: genuine.replace("<item>anvil<", "<item>crown<"),
      mend: message(genuine),
    },
    {
      ...usual,
      name: "wrapped-body",
      broken: "the signed Body was moved into a header, another one stands in its place",
      mended: "the signed Body is back in its place",
      code: "ERR_POLICY_PART_UNPROTECTED",
      element: "soap:Body",
      remedy: "Send the message as it was signed",
      text: genuine
        .replace(
          body,
          order.slice(order.indexOf("<soap:Body>"), order.indexOf("</soap:Body>") + 12).replace("anvil", "crown"),
        )
        .replace("</soap:Header>", `  <x:Wrapper xmlns:x="urn:wrapper">${body}</x:Wrapper>\n  </soap:Header>`),
      mend: message(genuine),
    },
    {
      ...usual,
      name: "wrong-audience",
      broken: "alice's token was issued for the payroll service",
      mended: "a token for this service",
      code: "ERR_TOKEN_AUDIENCE",
      element: "saml2:Assertion",
      remedy: "Ask the issuer for an assertion that is meant for this service",
      text: orderOfAlice(world, { audience: "https://payroll.example", role: "clerk" }),
      mend: message(orderOfAlice(world, { audience, role: "clerk" })),
    },
    {
      ...usual,
      name: "missing-claim",
      broken: "alice's token says that she is a guest",
      mended: "a token that says clerk",
      code: "ERR_POLICY_CLAIM",
      element: undefined,
      remedy: "Get a token with this claim",
      text: orderOfAlice(world, { audience, role: "guest" }),
      mend: message(orderOfAlice(world, { audience, role: "clerk" })),
    },
    {
      ...usual,
      name: "unknown-signer",
      broken: "signed with a certificate that the service does not know",
      mended: "the certificate is named in trust.certificates",
      code: "ERR_WSS_FAILED_CHECK",
      element: "ds:Signature",
      remedy: "trust.certificates",
      text: signedOrder(world, { signer: world.stranger }),
      mend: { in: "options", config: "mended/unknown-signer.config.js" },
    },
    {
      ...usual,
      name: "sha1-signature",
      broken: "signed with RSA-SHA1",
      mended: "signed with RSA-SHA256",
      code: "ERR_WSS_UNSUPPORTED_ALGORITHM",
      element: "ds:Signature",
      remedy: "rsa-sha256",
      text: signedOrder(world, { algorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1" }),
      mend: message(genuine),
    },
    {
      ...usual,
      name: "unsigned-body",
      broken: "the signature covers the Timestamp alone",
      mended: "Body and Timestamp are signed",
      code: "ERR_POLICY_PART_UNPROTECTED",
      element: "soap:Body",
      remedy: "Sign this element",
      text: signedOrder(world, { parts: ["timestamp"] }),
      mend: message(genuine),
    },
    {
      ...usual,
      name: "no-security-header",
      broken: "a bare order",
      mended: "with a Security header",
      code: "ERR_TOKEN_MISSING",
      element: "soap:Header",
      remedy: "Send a wsse:Security header",
      text: order,
      mend: message(genuine),
    },
    {
      ...usual,
      name: "document-type",
      broken: "a DTD defines an entity",
      mended: "without the DTD",
      code: "ERR_XML_FORBIDDEN",
      element: "",
      remedy: "Leave it out",
      text: `<!DOCTYPE order [<!ENTITY item "anvil">]>\n${genuine}`,
      mend: message(genuine),
    },
    {
      ...usual,
      name: "duplicate-id",
      broken: "an element of the payload has the Body's wsu:Id",
      mended: "an Id of its own",
      code: "ERR_WSS_INVALID_SECURITY",
      element: "soap:Body",
      remedy: "Give every signed element its own wsu:Id",
      text: withNote(genuine, bodyId),
      mend: message(withNote(genuine, "note")),
    },
    {
      ...usual,
      name: "wrong-media-type",
      ending: "http",
      broken: "a SOAP 1.2 message was sent as SOAP 1.1",
      mended: "sent as application/soap+xml",
      code: "ERR_HTTP_MEDIA_TYPE",
      element: undefined,
      remedy: "Send it as application/soap+xml",
      text: request("text/xml; charset=utf-8", genuine),
      mend: message(request("application/soap+xml; charset=utf-8", genuine)),
    },
  ];
}

/** The message with one more header block, unsigned. */
function withNote(message: string, id: string): string {
  const wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
  const note = `  <x:Note xmlns:x="urn:note" xmlns:wsu="${wsu}" wsu:Id="${id}">by hand</x:Note>\n  `;
  return message.replace("</soap:Header>", `${note}</soap:Header>`);
}
