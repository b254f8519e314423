import { describe } from "vitest";
import { Wire } from "../adapter/wire.js";
import { attack } from "./attack.js";
import { contentType, frameworks, genuineMessage, head, served } from "./support/service.js";

/*
 * Requests whose framing, headers or octets two readers could take for different things.
 */

/** Every way of saying how long a body is that is not one way. */
const framings = (
  body: Buffer,
): Readonly<Record<string, readonly [lines: readonly string[], body: string | Buffer]>> => {
  const chunked = `${body.length.toString(16)}\r\n${body.toString("latin1")}\r\n0\r\n\r\n`;
  const length = `Content-Length: ${body.length}`;
  return {
    "length and chunked": [[length, "Transfer-Encoding: chunked"], Buffer.from(chunked, "latin1")],
    "chunked and length": [["Transfer-Encoding: chunked", length], Buffer.from(chunked, "latin1")],
    "two lengths": [[length, "Content-Length: 1"], body],
    "the same length twice": [[length, length], body],
    "two lengths in one line": [[`Content-Length: ${body.length}, 1`], body],
    "a length with a sign": [[`Content-Length: +${body.length}`], body],
    "a length in hexadecimal": [[`Content-Length: 0x${body.length.toString(16)}`], body],
    "chunked under another name": [["Transfer-Encoding: xchunked"], Buffer.from(chunked, "latin1")],
    "chunked and something else": [["Transfer-Encoding: chunked, identity"], Buffer.from(chunked, "latin1")],
    "chunked twice": [["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], Buffer.from(chunked, "latin1")],
    "a folded header line": [[length, "X-Folded: a\r\n b"], body],
    "a space before the colon": [[`Content-Length : ${body.length}`], body],
    "a line without a name": [[length, ": x"], body],
    "a NUL in a value": [[length, "X-Nul: a\0b"], body],
    "a bare line feed as line end": [[`${length}\nX-Split: 1`], body],
    "a chunk size with letters behind it": [
      ["Transfer-Encoding: chunked"],
      Buffer.from(chunked.replace(/^(\w+)/, "$1 x"), "latin1"),
    ],
    "a line feed in a chunk extension": [
      ["Transfer-Encoding: chunked"],
      Buffer.from(chunked.replace("\r\n", ";a=\nb\r\n"), "latin1"),
    ],
    "a bare line feed behind a chunk extension": [
      ["Transfer-Encoding: chunked"],
      Buffer.from(chunked.replace("\r\n", ";a\n"), "latin1"),
    ],
    "a chunk size that overflows": [
      ["Transfer-Encoding: chunked"],
      Buffer.from(chunked.replace(/^(\w+)/, "1000000000000000$1"), "latin1"),
    ],
    "a negative chunk size": [["Transfer-Encoding: chunked"], Buffer.from(`-${chunked}`, "latin1")],
  };
};

for (const framework of frameworks) {
  describe(framework.name, () => {
    for (const framing of Object.keys(framings(Buffer.alloc(1)))) {
      attack(
        "L7",
        framing,
        served(framework, {}, async (service, expect) => {
          await service.admits(expect);
          const { bytes, soap } = genuineMessage();
          const [lines, body] = framings(bytes)[framing] ?? [[], ""];
          const answer = await service.raw(head("POST", "/orders", [contentType(soap), ...lines]), body);
          return service.refused(expect, answer, 1);
        }),
      );
    }
    attack(
      "L7",
      "a second request hidden in the body of the first",
      served(framework, {}, async (service, expect) => {
        await service.admits(expect);
        const { bytes, soap } = genuineMessage();
        const hidden =
          head("POST", "/orders", [contentType(soap), `Content-Length: ${bytes.length}`]) + bytes.toString("latin1");
        const wire = await Wire.open(service.port);
        wire.send(
          head("POST", "/orders", [contentType(soap), "Content-Length: 4", "Transfer-Encoding: chunked"]),
          "0\r\n\r\n",
          Buffer.from(hidden, "latin1"),
        );
        const answers = await wire.answers(2);
        wire.close();
        expect(answers.map(({ status }) => status)).toEqual([400]);
        expect(service.seen.length).toBe(1);
        return "400" as const;
      }),
    );
    attack(
      "L8",
      "a body that ends before its length",
      served(framework, {}, async (service, expect) => {
        await service.admits(expect);
        const { bytes, soap } = genuineMessage();
        const wire = await Wire.open(service.port);
        wire.send(head("POST", "/orders", [contentType(soap), `Content-Length: ${bytes.length + 1}`]), bytes);
        wire.socket.end();
        await wire.until(() => wire.closed);
        expect([wire.closed, service.seen.length]).toEqual([true, 1]);
        expect(wire.received).not.toContain("200 OK");
        return "holds" as const;
      }),
    );
    attack(
      "L8",
      "a body that goes on behind its length",
      served(framework, {}, async (service, expect) => {
        await service.admits(expect);
        const { bytes, soap } = genuineMessage();
        // What follows the first message is the beginning of another request, and none that can be read.
        const answer = await service.raw(
          head("POST", "/orders", [contentType(soap), `Content-Length: ${bytes.length - 1}`]),
          bytes,
        );
        return service.refused(expect, answer, 1);
      }),
    );

    for (const [title, lines] of [
      ["two Content-Types", ["Content-Type: text/xml", "Content-Type: text/xml"]],
      ["two Content-Types that differ", ["Content-Type: text/xml", "Content-Type: application/json"]],
      ["two SOAPActions", ["Content-Type: text/xml", 'SOAPAction: "a"', 'SOAPAction: "b"']],
      ["two Content-Encodings", ["Content-Type: text/xml", "Content-Encoding: identity", "Content-Encoding: gzip"]],
      ["two Authorizations", ["Content-Type: text/xml", "Authorization: Basic YQ==", "Authorization: Bearer a"]],
    ] as const) {
      attack(
        "L9",
        title,
        served(framework, {}, async (service, expect) => {
          await service.admits(expect, ['SOAPAction: "a"']);
          return service.refused(expect, await service.post(genuineMessage().bytes, lines), 1);
        }),
      );
    }

    attack(
      "L10",
      "every other spelling",
      served(framework, {}, async (service, expect) => {
        await service.admits(expect);
        const types = [
          "TEXT/XML",
          "Text/Xml",
          "text/xml\t; charset=utf-8x",
          "text/xml x",
          "text/xmlx",
          "text/xml,text/xml",
          "text/xml; charset",
          "text/xml; charset=utf-8; charset=utf-8",
          "text/xml;; charset=utf-8",
          "text/xml; charset=utf-8 x",
          "application/xml",
          "text/plain",
          "application/json",
          'multipart/related; type="text/xml"; boundary=x',
          "application/xop+xml",
          "text/*",
          "*/*",
          "xml",
          "text/xml/x",
          "application/soap+xml+x",
          "__proto__",
          "constructor",
        ];
        const { bytes } = genuineMessage();
        for (const type of types) {
          const answer = await service.post(bytes, [`Content-Type: ${type}`]);
          expect([type, service.refused(expect, answer, 1)]).toEqual([type, "415"]);
        }
        return service.refused(expect, await service.post(bytes, []), 1);
      }),
    );
    attack(
      "L11",
      "every other charset",
      served(framework, {}, async (service, expect) => {
        for (const good of ["utf-8", "UTF-8", '"utf-8"']) {
          expect((await service.post(genuineMessage().bytes, [`Content-Type: text/xml; charset=${good}`])).status).toBe(
            200,
          );
        }
        const { bytes } = genuineMessage();
        for (const charset of [
          "utf-7",
          "utf-32",
          "utf8",
          "utf-16le",
          "utf-16be",
          "iso-8859-1",
          "us-ascii",
          "bogus",
          "",
          "utf-8,utf-7",
        ]) {
          const answer = await service.post(bytes, [`Content-Type: text/xml; charset="${charset}"`]);
          expect([charset, service.refused(expect, answer, 3)]).toEqual([charset, "415"]);
        }
        return "415" as const;
      }),
    );
    attack(
      "L12",
      "octets that are not what was declared",
      served(framework, {}, async (service, expect) => {
        const { bytes, text } = genuineMessage();
        const utf16 = Buffer.from(`\ufeff${genuineMessage().text}`, "utf16le");
        expect((await service.post(utf16, ["Content-Type: text/xml; charset=utf-16"])).status).toBe(200);
        expect((await service.post(bytes, ["Content-Type: text/xml; charset=utf-8"])).status).toBe(200);
        const declared = (encoding: string, body = text) =>
          Buffer.from(`<?xml version="1.0" encoding="${encoding}"?>${body}`);
        const replacedOctets = (found: string, by: readonly number[]) => {
          const at = bytes.indexOf(found);
          return Buffer.concat([bytes.subarray(0, at), Buffer.from(by), bytes.subarray(at + Buffer.byteLength(found))]);
        };
        const attacks: readonly [title: string, type: string, body: Buffer][] = [
          ["UTF-16 declared, UTF-8 sent", "utf-16", bytes],
          ["UTF-8 declared, UTF-16 sent", "utf-8", utf16],
          ["UTF-16 without a mark", "utf-16", utf16.subarray(2)],
          ["another encoding in the XML declaration", "utf-8", declared("ISO-8859-1")],
          ["UTF-16 in the XML declaration", "utf-8", declared("UTF-16")],
          ["UTF-7 in the XML declaration", "utf-8", declared("UTF-7")],
          ["Latin-1 octets", "utf-8", replacedOctets("ö", [0xf6])],
          ["an overlong form", "utf-8", replacedOctets("A-100001", [0xc1, 0x81])],
          ["an overlong delimiter", "utf-8", replacedOctets("<o:Sku>", [0xc0, 0xbc])],
          ["a surrogate", "utf-8", replacedOctets("ö", [0xed, 0xa0, 0x80])],
          ["a character beyond Unicode", "utf-8", replacedOctets("ö", [0xf4, 0x90, 0x80, 0x80])],
          ["half a character at the end", "utf-8", Buffer.concat([bytes, Buffer.from([0xc3])])],
          ["two marks", "utf-8", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf]), bytes])],
          ["UTF-32 with its mark", "utf-16", Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), bytes])],
          ["half a UTF-16 unit", "utf-16", utf16.subarray(0, utf16.length - 1)],
        ];
        for (const [title, charset, body] of attacks) {
          const answer = await service.post(body, [`Content-Type: text/xml; charset=${charset}`]);
          expect([title, service.refused(expect, answer, 2)]).toEqual([title, "400"]);
          expect(answer.body).not.toContain("\ufffd");
        }
        return "400" as const;
      }),
    );
    attack(
      "L14",
      "every other verb, with a query that names an operation",
      served(framework, {}, async (service, expect) => {
        await service.admits(expect);
        const { bytes, soap } = genuineMessage();
        for (const verb of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
          const lines = [contentType(soap), "Connection: close", `Content-Length: ${bytes.length}`];
          const wire = await Wire.open(service.port);
          wire.send(head(verb, "/orders?op=placeOrder&wsdl", lines), bytes);
          await wire.until(() => wire.closed);
          const [, status] = wire.received.split(" ");
          expect([verb, status, /^allow: (.*)$/im.exec(wire.received)?.[1]?.trim()]).toEqual([verb, "405", "POST"]);
        }
        expect(service.seen.length).toBe(1);
        return "405" as const;
      }),
    );
  });
}
