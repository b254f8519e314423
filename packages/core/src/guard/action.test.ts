import { describe, expect, it } from "vitest";
import { addressingNamespace, parseEnvelope, soap12Namespace } from "../soap/index.js";
import { scan } from "../xml/index.js";
import { checkAction } from "./action.js";

const actions = new Map([
  ["urn:read", "{urn:o}Read"],
  ["urn:write", "{urn:o}Write"],
]);

function check(header: string, body: string, http?: string, known?: ReadonlyMap<string, string>): string {
  const xml = `<s:Envelope xmlns:s="${soap12Namespace}" xmlns:a="${addressingNamespace}" xmlns:o="urn:o"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
  try {
    checkAction(parseEnvelope(scan(Buffer.from(xml))), http, known);
    return "accepted";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const refused = "ERR_WSS_INVALID_SECURITY";
const action = (text: string) => `<a:Action>${text}</a:Action>`;

describe("checkAction", () => {
  it("accepts actions that agree, or one alone, and rejects two that differ (L18)", () => {
    expect(check("", "<o:Read/>")).toBe("accepted");
    expect(check("", "<o:Read/>", "urn:read")).toBe("accepted");
    expect(check(action("urn:read"), "<o:Read/>")).toBe("accepted");
    expect(check(action(" urn:read\n"), "<o:Read/>", "urn:read")).toBe("accepted");
    for (const other of ["urn:write", "urn:READ", "urn:read/", ""]) {
      expect(check(action(other), "<o:Read/>", "urn:read")).toBe(refused);
    }
  });

  it("rejects an Action with elements in it beside a named one, and a second Action", () => {
    expect(check(action("urn:read<o:x/>"), "<o:Read/>", "urn:read")).toBe(refused);
    expect(check(action("urn:read") + action("urn:read"), "<o:Read/>")).toBe(refused);
  });

  it("accepts the operation of the action where the route lists them, and rejects every other", () => {
    expect(check("", "<o:Read/>", "urn:read", actions)).toBe("accepted");
    expect(check(action("urn:write"), "<o:Write/>", undefined, actions)).toBe("accepted");
    for (const [header, body, http] of [
      ["", "<o:Write/>", "urn:read"],
      [action("urn:read"), "<o:Write/>", undefined],
      ["", "<o:Read/>", undefined],
      ["", "<o:Read/>", "urn:delete"],
      ["", '<Read xmlns="urn:p"/>', "urn:read"],
      ["", "<o:READ/>", "urn:read"],
      ["", "", "urn:read"],
      ["", "<o:Read/>", "__proto__"],
      [action("<o:x/>"), "<o:Read/>", undefined],
    ] as const) {
      expect(check(header, body, http, actions)).toBe(refused);
    }
  });
});
