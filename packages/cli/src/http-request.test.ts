import { describe, expect, it } from "vitest";
import { isHttpRequest, parseHttpRequest } from "./http-request.js";

const request = (text: string) => parseHttpRequest(Buffer.from(text), "a.http");

describe("parseHttpRequest", () => {
  it.each(["\r\n", "\n"])("accepts lines that end in %j", (end) => {
    const text = ["POST /orders?a=1 HTTP/1.1", "Host: x", 'SOAPAction:  "a" ', "host: y", "", "<a>\n</a>"].join(end);
    expect(request(text)).toEqual({
      method: "POST",
      target: "/orders?a=1",
      headers: [
        ["host", "x"],
        ["soapaction", '"a"'],
        ["host", "y"],
      ],
      body: Buffer.from("<a>\n</a>"),
      headLines: 5,
    });
  });

  it("accepts a request without a body", () => {
    expect(request("GET / HTTP/1.1\nAuthorization: Bearer x")).toMatchObject({ method: "GET", body: Buffer.alloc(0) });
  });

  it.each([
    ["POST / HTTP/2\n\n", "a.http:1"],
    ["POST / HTTP/1.1\nno header\n\n", "a.http:2"],
    ["POST / HTTP/1.1\na: b\n folded\n\n", "a.http:3"],
    ["POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n", "in chunks"],
    [`POST / HTTP/1.1\na: ${"b".repeat(20_000)}`, "16 KiB"],
  ])("rejects %j", (text, reason) => {
    expect(() => request(text)).toThrow(reason);
  });

  it("tells a request from a message", () => {
    expect(isHttpRequest(Buffer.from("POST / HTTP/1.0\r\n"))).toBe(true);
    expect(isHttpRequest(Buffer.from("<a/>"))).toBe(false);
    expect(isHttpRequest(Buffer.from("HTTP/1.1 200 OK\n"))).toBe(false);
  });
});
