import { describe, expect, it } from "vitest";
import { ConfigurationError, isCountersignError } from "../errors/index.js";
import { createTestAuthority, createTestCertificate } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import { createCertificateTrust } from "./certificate-trust.js";
import { checkSubjectRules, requireAllowedSubject, type SubjectRules } from "./subject-rules.js";

const root = createTestAuthority({ subject: "CN=Root,O=Example,C=DE" });
const middle = root.subordinate({ subject: "CN=Middle" });
const listed = createTestCertificate({ subject: "CN=listed" });
const trust = createCertificateTrust({ authorities: [root.certificate], certificates: [listed.certificate] });

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    if (error instanceof ConfigurationError) return `${error.code} ${error.option}`;
    throw error;
  }
  return "allowed";
}

async function verdict(subject: string, rules: SubjectRules, issuer = root): Promise<string> {
  const path = [issuer.issue({ subject }), issuer].map(({ der }) => Certificate.parse(der));
  const validated = await trust.validate(path, Date.now());
  return codeOf(() => requireAllowedSubject(validated, rules));
}

describe("requireAllowedSubject", () => {
  const orders = "CN=orders,O=Example,C=DE";
  const refused = "ERR_WSS_FAILED_AUTHENTICATION";

  it("accepts a subject that is named, and rejects any other with ERR_WSS_FAILED_AUTHENTICATION (C17)", async () => {
    const rules = { subjects: ["CN=billing,C=DE", "CN=orders, O=Example, C=DE"] };
    expect(await verdict(orders, rules)).toBe("allowed");
    expect(await verdict("CN=admin,O=Example,C=DE", rules)).toBe(refused);
    expect(await verdict("CN=ORDERS,O=Example,C=DE", rules)).toBe(refused);
  });

  it.each([
    ["an escaped comma", "CN=orders\\,O=Example,C=DE"],
    ["parts side by side", "CN=orders+O=Example,C=DE"],
    ["a NUL behind the name", "CN=orders\\00,O=Example,C=DE"],
    ["a part in front", "CN=admin,CN=orders,O=Example,C=DE"],
    ["a part behind", "CN=orders,O=Example,C=DE,DC=evil"],
    ["a newline", "CN=orders\\0a,O=Example,C=DE"],
  ])("rejects %s with ERR_WSS_FAILED_AUTHENTICATION (C18)", async (_name, subject) => {
    expect(await verdict(subject, { subjects: [orders] })).toBe(refused);
    expect(await verdict(subject, { subjects: [subject] })).toBe("allowed");
  });

  it("rejects everybody where no subject is named (P8)", async () => {
    expect(await verdict(orders, {})).toBe(refused);
    expect(await verdict(orders, { subjects: [] })).toBe(refused);
    expect(await verdict(orders, { issuers: ["CN=Root,O=Example,C=DE"] })).toBe(refused);
  });

  it("asks a function about the parsed name, every time", async () => {
    let allowed = true;
    const rules: SubjectRules = { subjects: [(subject) => allowed && subject.values("O").includes("Example")] };
    expect(await verdict(orders, rules)).toBe("allowed");
    expect(await verdict("CN=orders,O=Other", rules)).toBe(refused);
    allowed = false;
    expect(await verdict(orders, rules)).toBe(refused);
  });

  it("rejects where a function answers anything but true", async () => {
    expect(await verdict(orders, { subjects: [() => "yes" as unknown as boolean] })).toBe(refused);
  });

  it("accepts a certificate of a named issuer, and rejects one of an authority further up", async () => {
    const subjects = [orders];
    expect(await verdict(orders, { subjects, issuers: ["CN=Middle"] }, middle)).toBe("allowed");
    expect(await verdict(orders, { subjects, issuers: ["CN=Middle"] })).toBe(refused);
    expect(await verdict(orders, { subjects, issuers: ["CN=Root,O=Example,C=DE"] }, middle)).toBe(refused);
  });

  it("accepts a listed certificate without being named", async () => {
    const validated = await trust.validate([Certificate.parse(listed.der)], Date.now());
    expect(codeOf(() => requireAllowedSubject(validated, {}))).toBe("allowed");
  });
});

describe("checkSubjectRules", () => {
  it("accepts names and functions", () => {
    expect(codeOf(() => checkSubjectRules({ subjects: ["CN=a", () => true], issuers: ["CN=b"] }, "x"))).toBe("allowed");
    expect(codeOf(() => checkSubjectRules({}, "x"))).toBe("allowed");
  });

  it.each([
    ["a subject that is no name", { subjects: ["CN=a", "orders"] }, "x.subjects[1]"],
    ["an empty subject", { subjects: [" "] }, "x.subjects[0]"],
    ["a list that is empty", { subjects: [] }, "x.subjects"],
    ["a text for a list", { subjects: "CN=a" }, "x.subjects"],
    ["an issuer that is no name", { issuers: ["x"] }, "x.issuers[0]"],
    ["an issuer that is a function", { issuers: [() => true] }, "x.issuers[0]"],
  ])("rejects %s with ERR_CONFIG_INVALID", (_name, rules, option) => {
    expect(codeOf(() => checkSubjectRules(rules as unknown as SubjectRules, "x"))).toBe(`ERR_CONFIG_INVALID ${option}`);
  });
});
