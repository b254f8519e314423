import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { type AuditEvent, createGuard, type GuardOptions, usernameToken, type Verdict, x509 } from "@countersign/core";
import { describe, expect, it } from "vitest";
import { credentials } from "../../support/credentials.js";
import { type SignedAttachment, usernameMessage, x509Message } from "../../support/messages.js";
import { type AttachmentPart, include, type MultipartText, withAttachments } from "../../support/multipart.js";

/*
 * Messages with attachments: WS-Security SOAP with Attachments Profile 1.1, and XOP 1.0 as MTOM uses it.
 */

const { signer } = credentials();
const trust = { certificates: [signer.certificate] };
const signed = ["body", "timestamp", "attachments"] as const;

interface Answer {
  readonly verdict: Verdict;
  readonly code: string | undefined;
}

/** Sends a message to a guard that takes attachments, in chunks of some octets. */
async function send(
  { contentType, body }: MultipartText,
  options: Partial<GuardOptions> = {},
  chunk = 1_000,
): Promise<Answer> {
  const records: AuditEvent[] = [];
  const guard = createGuard({
    origin: "https://orders.example",
    trust,
    accept: [x509({ signed })],
    attachments: true,
    audit: (event) => void records.push(event),
    ...options,
  });
  const verdict = await guard.admit({
    method: "POST",
    target: "/",
    headers: [["content-type", contentType]],
    body: () => Promise.reject(new TypeError("the body was gathered")),
    async *stream() {
      for (let at = 0; at < body.length; at += chunk) yield body.subarray(at, at + chunk);
    },
    transport: { encrypted: true },
    signal: new AbortController().signal,
  });
  await guard.close();
  return { verdict, code: records[0]?.error?.code };
}

async function admitted(answer: Promise<Answer>) {
  const { verdict, code } = await answer;
  expect(code).toBeUndefined();
  if (verdict.kind !== "admitted") throw new TypeError("the message was refused");
  const attachments = verdict.security.message?.attachments ?? [];
  const contents = await Promise.all(attachments.map(async (one) => Buffer.concat(await one.stream().toArray())));
  verdict.release?.();
  return { verdict, attachments, contents };
}

/** A signed message with its attachments: all of them signed, unless said otherwise. */
function message(
  attachments: readonly AttachmentPart[],
  under: readonly SignedAttachment[] = attachments.map(({ id, content }) => ({ id, content: Buffer.from(content) })),
  soap: "1.1" | "1.2" = "1.1",
): MultipartText {
  return withAttachments(x509Message({ signer, soap, attachments: under }), attachments);
}

const photo: AttachmentPart = { id: "photo@example", type: "image/png", content: Buffer.alloc(5_000, "\r\n--part") };
const note: AttachmentPart = { id: "note@example", content: "a note" };

/** One octet changed. */
const changed = ({ contentType, body }: MultipartText, from: string, to: string): MultipartText => ({
  contentType,
  body: Buffer.from(body.toString("latin1").replace(from, to), "latin1"),
});

describe("SwA Profile 1.1 section 5.3: signed attachments", () => {
  it.each(["1.1", "1.2"] as const)("accepts attachments that the signature covers, on SOAP %s", async (soap) => {
    const { verdict, attachments, contents } = await admitted(send(message([photo, note], undefined, soap)));
    expect(attachments.map(({ id, size, contentType }) => ({ id, size, contentType }))).toEqual([
      { id: photo.id, size: 5_000, contentType: "image/png" },
      { id: note.id, size: 6, contentType: "application/octet-stream" },
    ]);
    expect(contents).toEqual([photo.content, Buffer.from("a note")]);
    const { parts } = verdict.security.evidence;
    expect(parts.get("cid:note@example")).toMatchObject({ by: "signature", signer: "CN=alice,O=Example" });
    expect(attachments[0]).toMatchObject({ headersSigned: false, protection: { by: "signature" } });
  });

  it("accepts the same in any chunks", async () => {
    for (const chunk of [1, 7, 64, 100_000]) {
      const whole = message([photo, note, { id: "empty@example", content: "" }]);
      const { contents } = await admitted(send(whole, {}, chunk));
      expect(contents.map(({ length }) => length)).toEqual([5_000, 6, 0]);
    }
  });

  it("rejects an attachment that was changed with ERR_WSS_FAILED_CHECK", async () => {
    const answer = await send(changed(message([photo, note]), "a note", "a nose"));
    expect(answer).toMatchObject({ code: "ERR_WSS_FAILED_CHECK", verdict: { kind: "answered" } });
  });

  it("rejects a signed attachment that is not there with ERR_WSS_FAILED_CHECK", async () => {
    const under = [note, photo].map(({ id, content }) => ({ id, content: Buffer.from(content) }));
    expect(await send(message([note], under))).toMatchObject({ code: "ERR_WSS_FAILED_CHECK" });
  });

  it("rejects an attachment that nobody signed with ERR_POLICY_PART_UNPROTECTED where all must be", async () => {
    const under = [{ id: note.id, content: Buffer.from(note.content) }];
    const sent = message([note, photo], under);
    expect(await send(sent)).toMatchObject({ code: "ERR_POLICY_PART_UNPROTECTED" });
  });

  it("accepts the message without an attachment that nobody vouches for, where not all must be signed", async () => {
    const under = [{ id: note.id, content: Buffer.from(note.content) }];
    const { attachments } = await admitted(send(message([photo, note], under), { accept: [x509()] }));
    expect(attachments.map(({ id }) => id)).toEqual([note.id]);
  });

  it("accepts unsigned attachments where the transport vouches for the message", async () => {
    const accept = [x509({ signed: ["timestamp"], over: "transport" })];
    const { attachments, contents } = await admitted(send(message([photo, note], []), { accept }));
    expect(attachments.map(({ protection }) => protection)).toEqual([{ by: "transport" }, { by: "transport" }]);
    expect(contents).toEqual([photo.content, Buffer.from("a note")]);
  });

  it("accepts text with the line ends that are signed, and hands it over with them (section 5.4.2)", async () => {
    const text: AttachmentPart = { id: "text@example", type: "text/plain", content: "one\ntwo\rthree\r\nfour\r" };
    const canonical = Buffer.from("one\r\ntwo\r\nthree\r\nfour\r\n");
    for (const chunk of [1, 1_000]) {
      const { attachments, contents } = await admitted(
        send(message([text], [{ id: text.id, content: canonical }]), {}, chunk),
      );
      expect(contents).toEqual([canonical]);
      expect(attachments[0]?.size).toBe(canonical.length);
    }
    expect(await send(message([text]))).toMatchObject({ code: "ERR_WSS_FAILED_CHECK" });
  });

  it("accepts XML in the canonical form that is signed, and hands that over (section 5.4.2)", async () => {
    const xml: AttachmentPart = {
      id: "xml@example",
      type: "text/xml",
      content: "<a b='2'  a='1'><!-- x --><c/></a>\n",
    };
    const canonical = Buffer.from('<a a="1" b="2"><c></c></a>');
    const sent = message([xml], [{ id: xml.id, content: canonical }]);
    const { contents } = await admitted(send(sent));
    expect(contents).toEqual([canonical]);
    expect(await send(changed(sent, "b='2'", "b='3'"))).toMatchObject({ code: "ERR_WSS_FAILED_CHECK" });
  });

  it("accepts signed MIME headers in canonical form, and rejects another one with ERR_WSS_FAILED_CHECK (section 5.4.1)", async () => {
    const typed: AttachmentPart = { ...note, type: "Application/PDF; Name=X; charset=UTF-8" };
    const headers = `Content-ID:<${note.id}>\r\nContent-Type:application/pdf;charset="utf-8";name="X"\r\n`;
    const sent = message([typed], [{ id: note.id, content: Buffer.from(note.content), headers }]);
    const { attachments } = await admitted(send(sent));
    expect(attachments[0]?.headersSigned).toBe(true);
    expect(await send(changed(sent, "Name=X", "Name=Y"))).toMatchObject({ code: "ERR_WSS_FAILED_CHECK" });
    expect(await send(changed(sent, "Name=X", "Name*=Y"))).toMatchObject({ code: "ERR_WSS_UNSUPPORTED_ALGORITHM" });
  });
});

describe("MTOM: XOP 1.0 section 3.2", () => {
  const payload = (content: string) => `<o:order xmlns:o="urn:o"><o:scan>${content}</o:scan></o:order>`;
  const mtom = (attachments: readonly AttachmentPart[], includes = attachments, soap: "1.1" | "1.2" = "1.2") => {
    const meant = includes.map(({ content }) => payload(Buffer.from(content).toString("base64"))).join("");
    const asSent = includes.map(({ id }) => payload(include(id))).join("");
    return withAttachments(x509Message({ signer, soap, payload: meant, payloadAsSent: asSent }), attachments, "mtom");
  };
  const scan: AttachmentPart = { id: "scan@example", content: Buffer.alloc(2_000, 7) };
  const large: AttachmentPart = { id: "large@example", content: Buffer.alloc(200_001, 9) };

  it.each(["1.1", "1.2"] as const)(
    "accepts a small attachment in the place of its Include, on SOAP %s",
    async (soap) => {
      const { verdict, attachments } = await admitted(send(mtom([scan], [scan], soap)));
      const text = verdict.security.message?.body.children()[0]?.children()[0]?.text;
      expect(Buffer.from(text ?? "", "base64")).toEqual(scan.content);
      expect(attachments).toEqual([]);
      expect(await send(changed(mtom([scan]), "\x07\x07", "\x07\x08"))).toMatchObject({ code: "ERR_WSS_FAILED_CHECK" });
    },
  );

  it("accepts a large attachment as one, under the signature over its Include's element", async () => {
    const { verdict, attachments, contents } = await admitted(send(mtom([large])));
    expect(contents).toEqual([large.content]);
    expect(attachments[0]).toMatchObject({ id: large.id, headersSigned: false, protection: { by: "signature" } });
    expect(Buffer.from(verdict.security.message?.envelope ?? []).toString()).toContain(`href="cid:${large.id}"`);
    for (const chunk of [1_000, 1_001]) await admitted(send(mtom([large, scan]), {}, chunk));
    expect(await send(changed(mtom([large]), "\x09\x09", "\x09\x08"))).toMatchObject({ code: "ERR_WSS_FAILED_CHECK" });
  });

  it("rejects a signature over the Include itself with ERR_WSS_FAILED_CHECK: it would not keep the attachment", async () => {
    for (const one of [scan, large]) {
      const sent = withAttachments(x509Message({ signer, payload: payload(include(one.id)) }), [one], "mtom");
      expect(await send(sent)).toMatchObject({ code: "ERR_WSS_FAILED_CHECK" });
    }
  });

  it("rejects Includes that name no part, another message's or a part twice with ERR_MIME_INVALID", async () => {
    for (const href of ["cid:missing@example", "http://192.0.2.1/", "file:///etc/passwd", "", "#a"]) {
      const sent = changed(mtom([scan]), `href="cid:${scan.id}"`, `href="${href}"`);
      expect(await send(sent)).toMatchObject({ code: "ERR_MIME_INVALID" });
    }
    expect(await send(mtom([scan], [scan, scan]))).toMatchObject({ code: "ERR_MIME_INVALID" });
  });

  it("rejects an Include that is not alone or not empty with ERR_MIME_INVALID", async () => {
    await admitted(send(mtom([scan])));
    for (const [from, to] of [
      ["<o:scan><xop", "<o:scan> <xop"],
      ["></xop:Include>", "><a/></xop:Include>"],
      ["></xop:Include>", ">a</xop:Include>"],
      ["<xop:Include ", '<xop:Include a="b" '],
    ] as const) {
      expect(await send(changed(mtom([scan]), from, to))).toMatchObject({ code: "ERR_MIME_INVALID" });
    }
  });

  it("leaves an Include alone in a message that is not in this packaging", async () => {
    const plain = x509Message({ signer, payload: payload(include(note.id)) });
    const { verdict, attachments } = await admitted(send(withAttachments(plain, [note]), { accept: [x509()] }));
    expect(attachments).toEqual([]);
    expect(Buffer.from(verdict.security.message?.envelope ?? []).toString()).toContain("xop:Include");
  });
});

describe("what is left behind", () => {
  it("is no file in the temporary folder, and nothing can be read after the release", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("countersign-"));
    const large: AttachmentPart = { id: "large@example", content: Buffer.alloc(1_000_000, "large") };
    const { verdict, contents } = await admitted(send(message([large])));
    expect(contents[0]?.equals(large.content as Buffer)).toBe(true);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("countersign-"))).toEqual(before);
    const [attachment] = verdict.security.message?.attachments ?? [];
    await expect(attachment?.stream().toArray()).rejects.toMatchObject({ code: "ERR_UNAVAILABLE" });
  });
});

describe("options", () => {
  it("takes no attachments unless told so: ERR_HTTP_MEDIA_TYPE", async () => {
    const accept = [x509()];
    expect(await send(message([note]), { attachments: false, accept })).toMatchObject({ code: "ERR_HTTP_MEDIA_TYPE" });
  });

  it("rejects a demand for signed attachments where none are taken with ERR_CONFIG_INVALID", async () => {
    await expect(send(message([note]), { attachments: false })).rejects.toMatchObject({ option: "accept[0].signed" });
  });

  it("accepts attachments of a caller with a password as far as TLS vouches for them", async () => {
    const accept = (password: string) => [
      usernameToken({ verify: (_, given) => given === password, over: "transport" }),
    ];
    const sent = () => withAttachments(usernameMessage({ password: "correct horse" }), [note]);
    const { attachments, contents } = await admitted(send(sent(), { accept: accept("correct horse") }));
    expect(attachments[0]?.protection).toEqual({ by: "transport" });
    expect(contents).toEqual([Buffer.from("a note")]);
    const refused = await send(sent(), { accept: accept("another") });
    expect(refused).toMatchObject({ code: "ERR_WSS_FAILED_AUTHENTICATION" });
  });

  it("accepts an anonymous caller, and hands out none of its attachments", async () => {
    const bare = { soap: "1.1" as const, bytes: Buffer.from(anonymousOrder) };
    const { verdict } = await send(withAttachments(bare, [note]), { anonymous: true });
    expect(verdict).toMatchObject({ kind: "anonymous" });
    expect(verdict).not.toHaveProperty("release");
    const cut = withAttachments(bare, [note]);
    const answer = await send({ ...cut, body: cut.body.subarray(0, -4) }, { anonymous: true });
    expect(answer).toMatchObject({ code: "ERR_MIME_INVALID" });
  });
});

const anonymousOrder =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><o/></s:Body></s:Envelope>';
