import { type GuardOptions, type VerifiedAttachment, x509 } from "@countersign/core";
import request from "supertest";
import { expect } from "vitest";
import { credentials } from "../../support/credentials.js";
import { x509Message } from "../../support/messages.js";
import { type AttachmentPart, include, type MultipartText, withAttachments } from "../../support/multipart.js";
import type { Case } from "../case.js";
import type { Handler, Site } from "../site.js";
import { Wire } from "../wire.js";

const { signer, other } = credentials();

const options: GuardOptions = {
  origin: "https://orders.example",
  trust: { certificates: [signer.certificate] },
  accept: [x509({ signed: ["body", "timestamp", "attachments"] })],
  attachments: true,
};

/** More than is held in memory, and more than one read of a socket. */
const large: AttachmentPart = { id: "large@example", content: Buffer.alloc(300_000, "\r\nlarge") };

const message = (by = signer, attachment = large): MultipartText =>
  withAttachments(
    x509Message({ signer: by, attachments: [{ id: attachment.id, content: Buffer.from(attachment.content) }] }),
    [attachment],
  );

const mtom = (): MultipartText => {
  const element = (content: string) => `<o xmlns="urn:o">${content}</o>`;
  const payload = element(Buffer.from(large.content).toString("base64"));
  const body = x509Message({ signer, payload, payloadAsSent: element(include(large.id)) });
  return withAttachments(body, [large], "mtom");
};

/** A site whose handler reads all attachments and answers with their octets; it keeps them, too. */
function site(): Site & { readonly kept: VerifiedAttachment[]; readonly bodies: unknown[] } {
  const kept: VerifiedAttachment[] = [];
  const bodies: unknown[] = [];
  const handler: Handler = async ({ securityOf, body }) => {
    bodies.push(body);
    const attachments = securityOf().message?.attachments ?? [];
    kept.push(...attachments);
    const contents = await Promise.all(attachments.map((one) => one.stream().toArray()));
    return { headers: { "content-type": "application/octet-stream" }, body: Buffer.concat(contents.flat()) };
  };
  return { kept, bodies, guards: [options], routes: [{ path: "/", handler }] };
}

export const attachmentCases: readonly Case[] = [
  [
    "accepts attachments under the signature, and rejects a changed one before the handler",
    async (start) => {
      const service = site();
      const { server } = await start(service);
      for (const { contentType, body } of [message(), mtom()]) {
        const reply = await request(server).post("/").type(contentType).send(body).responseType("blob").expect(200);
        expect(reply.body.equals(large.content)).toBe(true);
      }
      expect(service.bodies.every((body) => Buffer.isBuffer(body) && body.includes("<soap:Body"))).toBe(true);
      const handled = service.kept.length;
      for (const { contentType, body } of [message(), mtom()]) {
        body[body.length - 1_000] = 0;
        await request(server).post("/").type(contentType).send(body).expect(500);
      }
      expect(service.kept.length).toBe(handled);
    },
  ],
  [
    "accepts attachments that come in chunks, also where a raw parser took them first",
    async (start) => {
      for (const before of [{}, { before: "raw" }] as const) {
        const { port } = await start({ ...site(), ...before });
        // Less than what raw parsers take unless told otherwise.
        const attachment = { ...large, content: Buffer.alloc(90_000, "chunk") };
        const { contentType, body } = message(signer, attachment);
        const response = await fetch(`http://127.0.0.1:${port}/`, {
          method: "POST",
          headers: { "content-type": contentType },
          body: new Blob([new Uint8Array(body)]).stream(),
          duplex: "half",
        } as RequestInit);
        expect(Buffer.from(await response.arrayBuffer()).equals(attachment.content)).toBe(true);
      }
    },
  ],
  [
    "rejects a signature of nobody known while its attachments are still to come",
    async (start) => {
      const service = site();
      const { port } = await start(service);
      const { contentType, body } = message(other);
      const wire = await Wire.open(port);
      const lines = [`Content-Type: ${contentType}`, `Content-Length: ${body.length}`, "Host: localhost"];
      wire.send(["POST / HTTP/1.1", ...lines, "", ""].join("\r\n"), body.subarray(0, 20_000));
      expect((await wire.answer()).status).toBe(500);
      expect(service.bodies).toEqual([]);
      wire.close();
    },
  ],
  [
    "rejects a message that breaks off in an attachment, and never calls the handler",
    async (start) => {
      const service = site();
      const { port, server } = await start(service);
      const { contentType, body } = message();
      const wire = await Wire.open(port);
      const lines = [`Content-Type: ${contentType}`, `Content-Length: ${body.length}`, "Host: localhost"];
      wire.send(["POST / HTTP/1.1", ...lines, "", ""].join("\r\n"), body.subarray(0, 200_000));
      await new Promise((resolve) => setTimeout(resolve, 50));
      wire.close();
      const again = message();
      await request(server).post("/").type(again.contentType).send(again.body).expect(200);
      expect(service.bodies.length).toBe(1);
    },
  ],
  [
    "lets attachments go once the reply is out",
    async (start) => {
      const service = site();
      const { server } = await start(service);
      const { contentType, body } = message();
      await request(server).post("/").type(contentType).send(body).expect(200);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await expect(service.kept[0]?.stream().toArray()).rejects.toMatchObject({ code: "ERR_UNAVAILABLE" });
    },
  ],
];
