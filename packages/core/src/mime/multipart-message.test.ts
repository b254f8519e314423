import { describe, expect, it } from "vitest";
import { defaultMimeLimits } from "./limits.js";
import { MultipartMessage } from "./multipart-message.js";

const limits = { ...defaultMimeLimits, maxBody: 1_000 };
const refusal = (code: string) => expect.objectContaining({ code });

async function* inChunks(text: string, size: number): AsyncGenerator<Buffer> {
  const octets = Buffer.from(text, "latin1");
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

/** Reads a whole message: the root's octets, and the octets of every attachment by its id. */
async function readWhole(text: string, start?: string, chunk = 5, more: Partial<typeof limits> = {}) {
  const message = new MultipartMessage(inChunks(text, chunk), "b", { ...limits, ...more });
  try {
    const root = await message.readRoot(start);
    await message.readAll(true);
    const attachments: Record<string, string> = {};
    for (const one of message.attachments) {
      const pieces: Buffer[] = [];
      for await (const piece of one.octets()) pieces.push(piece);
      attachments[one.id] = Buffer.concat(pieces).toString("latin1");
    }
    return { root: root.octets.toString("latin1"), type: root.head.type.essence, attachments };
  } finally {
    message.close();
  }
}

const root = "Content-Type: text/xml\r\nContent-ID: <root>\r\n\r\n<a/>";
const note = "Content-ID: <note>\r\n\r\na note";
const message = (...parts: readonly string[]) => `--b\r\n${parts.join("\r\n--b\r\n")}\r\n--b--`;

describe("MultipartMessage", () => {
  it.each([1, 2, 3, 7, 1_000])("accepts a message in chunks of %i octets", async (chunk) => {
    expect(await readWhole(message(root, note), "root", chunk)).toEqual({
      root: "<a/>",
      type: "text/xml",
      attachments: { note: "a note" },
    });
  });

  it.each<[string, string]>([
    ["a line end in front of the first delimiter", `\r\n${message(root)}`],
    ["a line end behind the last one", `${message(root)}\r\n`],
    ["no headers", message(root, note).replace("Content-Type: text/xml\r\nContent-ID: <root>\r\n", "")],
    ["white space around a value", message(root.replace("text/xml", "text/xml \t"), note)],
  ])("accepts %s", async (_, text) => {
    for (const chunk of [1, 1_000]) expect((await readWhole(text, undefined, chunk)).root).toBe("<a/>");
  });

  it("accepts what looks like a delimiter and is none", async () => {
    const contents = ["\r\n-", "\r\n--", "\r\n-b", "\r\n\r\n--c", "\r", "\r\r\n", "a--b--", "", "\n--b"];
    for (const content of contents) {
      for (const chunk of [1, 3, 1_000]) {
        const { attachments } = await readWhole(message(root, `Content-ID: <x>\r\n\r\n${content}`), "root", chunk);
        expect(attachments).toEqual({ x: content });
      }
    }
  });

  it.each<[string, string]>([
    ["another first part than `start`", message(note, root)],
    ["nothing", ""],
    ["no part", "--b--"],
    ["a preamble", `preamble\r\n${message(root)}`],
    ["an epilogue", `${message(root)}\r\nepilogue`],
    ["a long epilogue of white space", `${message(root)}${" ".repeat(9)}`],
    ["a padded delimiter", message(root).replace("--b\r\n", "--b \r\n")],
    ["a longer boundary", message(root).replace("--b--", "--bc--")],
    ["no last delimiter", message(root, note).slice(0, -2)],
    ["a message cut off in an attachment", message(root, note).slice(0, -10)],
    ["content that begins with a delimiter", message(root, "Content-ID: <x>\r\n\r\n--b")],
    ["a message cut off in headers", message(root, note).slice(0, -25)],
    ["a folded header", message(root.replace("text/xml", "text/xml;\r\n charset=utf-8"))],
    ["a bare line feed between headers", message(root.replace("xml\r\n", "xml\n"))],
    ["a NUL in a header", message(root.replace("text/xml", "text/xml\0"))],
    ["a line without a colon", message(`Content-Type text/xml\r\n${root}`)],
    ["a space in front of the colon", message(root.replace("Content-ID:", "Content-ID :"))],
    ["two headers of one name", message(`content-id: <root>\r\n${root}`)],
    ["a Content-ID without brackets", message(root, note.replace("<note>", "note"))],
    ["a Content-ID with a space", message(root, note.replace("<note>", "<no te>"))],
    ["a malformed Content-Type", message(root.replace("text/xml", "text"))],
    ["an encoded part", message(root, `Content-Transfer-Encoding: base64\r\n${note}`)],
    ["an attachment without Content-ID", message(root, "\r\ncontent")],
    ["two attachments of one Content-ID", message(root, note, note)],
    ["an attachment with the root's Content-ID", message(root, root)],
  ])("rejects %s with ERR_MIME_INVALID", async (_, text) => {
    for (const chunk of [1, 1_000]) {
      await expect(readWhole(text, "root", chunk)).rejects.toThrow(refusal("ERR_MIME_INVALID"));
    }
  });

  it("rejects a boundary that is none with ERR_MIME_INVALID", () => {
    for (const boundary of ["", "a ", "a\r\n", "ä", "x".repeat(71)]) {
      expect(() => new MultipartMessage(inChunks("", 1), boundary, limits)).toThrow(refusal("ERR_MIME_INVALID"));
    }
  });

  it("rejects more parts, headers or longer headers than its limits with ERR_MIME_INVALID", async () => {
    const text = message(root, note);
    expect(await readWhole(text, "root", 9, { maxParts: 2, maxPartHeaders: 2, maxPartHeader: 22 })).toBeDefined();
    for (const less of [{ maxParts: 1 }, { maxPartHeaders: 1 }, { maxPartHeader: 21 }]) {
      await expect(readWhole(text, "root", 9, less)).rejects.toThrow(refusal("ERR_MIME_INVALID"));
    }
  });

  it("rejects headers that never end as soon as they are too long, with ERR_MIME_INVALID", async () => {
    let sent = 0;
    async function* endless() {
      yield Buffer.from("--b\r\n");
      for (; ; sent++) yield Buffer.from("X: y\r\n");
    }
    const endlessMessage = new MultipartMessage(endless(), "b", limits);
    await expect(endlessMessage.readRoot(undefined)).rejects.toThrow(refusal("ERR_MIME_INVALID"));
    expect(sent).toBeLessThan(4_000);
  });

  it("rejects more octets than its limits with ERR_HTTP_TOO_LARGE", async () => {
    expect(await readWhole(message(root, note), "root", 9, { maxBody: 4, maxAttachments: 6 })).toBeDefined();
    for (const less of [{ maxBody: 3 }, { maxAttachments: 5 }]) {
      await expect(readWhole(message(root, note), "root", 9, less)).rejects.toThrow(refusal("ERR_HTTP_TOO_LARGE"));
    }
  });

  it("reads no further than it is asked to", async () => {
    let read = 0;
    async function* counted() {
      for await (const chunk of inChunks(message(root, note, `Content-ID: <x>\r\n\r\n${"x".repeat(10_000)}`), 10)) {
        read += chunk.length;
        yield chunk;
      }
    }
    const lazy = new MultipartMessage(counted(), "b", limits);
    await lazy.readRoot(undefined);
    expect(read).toBeLessThan(100);
    expect((await lazy.find("note"))?.size).toBe(6);
    expect(read).toBeLessThan(150);
    expect(await lazy.find("nobody")).toBeUndefined();
    expect(read).toBeGreaterThan(10_000);
    lazy.close();
  });
});
