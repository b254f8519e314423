import { expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { parseEnvelope, soap11Namespace } from "../soap/index.js";
import { scan } from "../xml/index.js";
import { wsseNamespace } from "./names.js";
import { findSecurityHeader } from "./security-header.js";

const outcome = (others: number): string => {
  const header = `${"<a/>".repeat(others)}<w:Security xmlns:w="${wsseNamespace}"/>`;
  const text = `<s:Envelope xmlns:s="${soap11Namespace}"><s:Header>${header}</s:Header><s:Body/></s:Envelope>`;
  try {
    return findSecurityHeader(parseEnvelope(scan(Buffer.from(text))), undefined) === others + 2 ? "accepted" : "wrong";
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return error.code;
  }
};

it("accepts 1,000 header blocks and rejects one more with ERR_WSS_INVALID_SECURITY", () => {
  expect(outcome(999)).toBe("accepted");
  expect(outcome(1_000)).toBe("ERR_WSS_INVALID_SECURITY");
});
