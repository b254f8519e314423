import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { x509 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { type SignedAttachment, type SoapMessage, x509Message } from "../support/messages.js";
import {
  type AttachmentPart,
  attachmentPart,
  boundary,
  include,
  multipartBody,
  relatedType,
  rootPart,
  type WrittenPart,
  withAttachments,
} from "../support/multipart.js";
import { attack } from "./attack.js";
import { Route } from "./support/route.js";
import type { Sent } from "./support/sent.js";

/*
 * Messages in parts: attachments that were swapped, dropped or added, references that leave the message, and parts that
 * two readers would divide differently.
 */

const { signer } = credentials();
const route = new Route({
  trust: { certificates: [signer.certificate] },
  accept: [x509({ signed: ["body", "timestamp", "attachments"] })],
  attachments: true,
});

const invoice: AttachmentPart = { id: "invoice@example", content: "pay 100 to alice" };
const terms: AttachmentPart = { id: "terms@example", content: "within 30 days!!" };
const evil = "pay 900 to mallo";

const under = ({ id, content }: AttachmentPart): SignedAttachment => ({ id, content: Buffer.from(content) });
const genuine = () => x509Message({ signer, attachments: [invoice, terms].map(under) });

/** A message in MTOM's packaging whose Body means `content`, and a signature over that. */
const includedOrder = ({ id, content }: AttachmentPart, more = ""): SoapMessage => {
  const payload = (inner: string) => `<o:scan xmlns:o="urn:o">${inner}</o:scan>`;
  return x509Message({
    signer,
    payload: payload(Buffer.from(content).toString("base64")),
    payloadAsSent: payload(include(id)) + more,
  });
};

const sentAs = (message: SoapMessage, parts: readonly AttachmentPart[], packaging: "swa" | "mtom" = "swa"): Sent => {
  const { contentType, body } = withAttachments(message, parts, packaging);
  return { soap: message.soap, headers: { "content-type": contentType }, body };
};

/** The parts as written, under the Content-Type of SOAP with Attachments unless another is given. */
const written = (message: SoapMessage, parts: readonly WrittenPart[], type = relatedType("1.1", "swa")): Sent => ({
  soap: message.soap,
  headers: { "content-type": type },
  body: multipartBody(parts),
});

/** Shows that the genuine message is let in, before its attack is tried. */
async function admit(sent: Sent): Promise<void> {
  const { decision, record } = await route.send(sent);
  if (decision.kind !== "admitted") throw new TypeError(`the genuine message was refused: ${record?.error?.reason}`);
  decision.release?.();
}

const against = (attacked: (message: SoapMessage) => Sent) => async () => {
  await admit(sentAs(genuine(), [invoice, terms]));
  return route.refuses(attacked(genuine()));
};

describe("A29: signed attachments", () => {
  const swaps: readonly [string, (message: SoapMessage) => Sent][] = [
    ["with other octets", (message) => sentAs(message, [{ ...invoice, content: evil }, terms])],
    [
      "whose Content-IDs are swapped",
      (message) =>
        sentAs(message, [
          { ...invoice, id: terms.id },
          { ...terms, id: invoice.id },
        ]),
    ],
    ["one of which is gone", (message) => sentAs(message, [invoice])],
    [
      "and one that nobody signed",
      (message) => sentAs(message, [invoice, terms, { id: "more@example", content: evil }]),
    ],
    [
      "and an empty one that nobody signed",
      (message) => sentAs(message, [{ id: "more@example", content: "" }, invoice, terms]),
    ],
    [
      "read as text, whose line ends do not count",
      (message) => sentAs(message, [{ ...invoice, content: `${invoice.content}\n`, type: "text/plain" }, terms]),
    ],
  ];
  for (const [title, attacked] of swaps) attack("A29", title, against(attacked));

  for (const size of [2_000, 200_000]) {
    const scan: AttachmentPart = { id: "scan@example", content: Buffer.alloc(size, "scan") };
    attack("A29", `xop:Include of other octets, ${size} of them`, async () => {
      await admit(sentAs(includedOrder(scan), [scan], "mtom"));
      const other = { ...scan, content: Buffer.alloc(size, "evil") };
      return route.refuses(sentAs(includedOrder(scan), [other], "mtom"));
    });
    attack("A29", `xop:Include that was signed as such, of ${size} octets`, async () => {
      await admit(sentAs(includedOrder(scan), [scan], "mtom"));
      return route.refuses(sentAs(x509Message({ signer, payload: include(scan.id) }), [scan], "mtom"));
    });
  }
  attack("A29", "an Include more than was signed", async () => {
    await admit(sentAs(includedOrder(invoice), [invoice], "mtom"));
    return route.refuses(
      sentAs(includedOrder(invoice, `<o:more xmlns:o="urn:o">${include(terms.id)}</o:more>`), [invoice, terms], "mtom"),
    );
  });
});

describe("L19: parts that lie", () => {
  const root = (message: SoapMessage) => rootPart(message, "swa");
  const parts = [invoice, terms].map(attachmentPart);
  const layouts: readonly [string, (message: SoapMessage) => Sent][] = [
    ["the SOAP part is not the first", (message) => written(message, [...parts, root(message)])],
    [
      "two start parameters",
      (message) => written(message, [root(message), ...parts], `${relatedType("1.1", "swa")}; start="<terms@example>"`),
    ],
    [
      "one Content-ID twice",
      (message) => written(message, [root(message), ...parts, attachmentPart({ ...terms, content: evil })]),
    ],
    [
      "an attachment with the Content-ID of the SOAP part",
      (message) => written(message, [root(message), ...parts, { ...root(message), content: evil }]),
    ],
    [
      "two Content-ID headers",
      (message) =>
        written(message, [
          root(message),
          ...parts.map((one) => ({ ...one, headers: [...one.headers, "Content-ID: <x@y>"] })),
        ]),
    ],
    ["no last delimiter", (message) => cut(written(message, [root(message), ...parts]), 2)],
    ["cut off in an attachment", (message) => cut(written(message, [root(message), ...parts]), 30)],
    [
      "a preamble with a SOAP part of its own",
      (message) => {
        const sent = written(message, [root(message), ...parts]);
        return { ...sent, body: Buffer.concat([Buffer.from(`${message.text}\r\n`), sent.body as Buffer]) };
      },
    ],
    [
      "a part behind the last delimiter",
      (message) => {
        const sent = written(message, [root(message), ...parts]);
        return { ...sent, body: Buffer.concat([sent.body as Buffer, Buffer.from(`\r\n--${boundary}\r\n\r\nx`)]) };
      },
    ],
  ];
  for (const [title, attacked] of layouts) attack("L19", title, against(attacked));

  attack("L19", "xop:Include of an http: address, which is never asked", async (expect) => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end("pay 900");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await admit(sentAs(includedOrder(invoice), [invoice], "mtom"));
      const { port } = server.address() as AddressInfo;
      const message = x509Message({ signer, payload: include("x").replace("cid:x", `http://127.0.0.1:${port}/`) });
      const verdict = await route.refuses(sentAs(message, [invoice], "mtom"));
      expect(asked).toBe(0);
      return verdict;
    } finally {
      server.close();
    }
  });
  for (const href of ["file:///etc/passwd", "cid:nobody@example", "ftp://x/", "data:,x", "#Body-1", ""]) {
    attack("L19", `xop:Include of ${href || "nothing"}`, async () => {
      await admit(sentAs(includedOrder(invoice), [invoice], "mtom"));
      const message = x509Message({ signer, payload: include("x").replace("cid:x", href) });
      return route.refuses(sentAs(message, [invoice], "mtom"));
    });
  }
});

function cut(sent: Sent, octets: number): Sent {
  return { ...sent, body: (sent.body as Buffer).subarray(0, -octets) };
}

describe("K23: many parts, long headers", () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `p${i}@example`, content: "" }));
  const bombs: readonly [string, (message: SoapMessage) => Sent][] = [
    ["more parts than 50", (message) => sentAs(message, [invoice, terms, ...many(48)])],
    ["a hundred thousand empty parts", (message) => sentAs(message, [invoice, terms, ...many(100_000)])],
    [
      "more than 16 headers",
      (message) =>
        withHeaders(
          message,
          Array.from({ length: 17 }, (_, i) => `X-${i}: y`),
        ),
    ],
    ["a header of more than 1,000 octets", (message) => withHeaders(message, [`X: ${"y".repeat(1_000)}`])],
    ["a header that goes on for a mebibyte", (message) => withHeaders(message, [`X: ${"y".repeat(1 << 20)}`])],
    ["a header folded a thousand times", (message) => withHeaders(message, [`X: y${"\r\n y".repeat(1_000)}`])],
    ["more octets than 16 MiB", (message) => sentAs(message, [invoice, { ...terms, content: Buffer.alloc(16 << 20) }])],
  ];
  for (const [title, attacked] of bombs) {
    attack("K23", title, async (expect) => {
      await admit(sentAs(genuine(), [invoice, terms]));
      const sent = attacked(genuine());
      const { verdict, milliseconds } = await route.refusal(sent);
      expect(milliseconds).toBeLessThan(2_000);
      return { verdict, milliseconds };
    });
  }
});

function withHeaders(message: SoapMessage, lines: readonly string[]): Sent {
  const part = attachmentPart(invoice);
  return written(message, [
    rootPart(message, "swa"),
    { ...part, headers: [...part.headers, ...lines] },
    attachmentPart(terms),
  ]);
}
