import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AliasVariables } from "./alias-reader.js";
import { type AliasOptions, responseFromVariables } from "./aliases.js";
import { computed } from "./values.js";

const security = "WebAgent-WS-Security-Token";
const ticket = "WebAgent-SAML-Session-Ticket-Variable";
const invalid = (option: string, remedy?: string) =>
  expect.objectContaining({
    code: "ERR_CONFIG_INVALID",
    option,
    ...(remedy && { remedy: expect.stringContaining(remedy) }),
  });
const insecure = (option: string) => expect.objectContaining({ code: "ERR_CONFIG_INSECURE", option });
const saml = {
  TXM_WSSEC_TOKEN_TYPE: "SAML",
  TXM_WSSEC_SAML_AFFILIATE: "orders",
} as const;
const options: AliasOptions = { certificates: { partner: "PEM" } };
const one = (attribute: string, variables: AliasVariables, given = options) =>
  responseFromVariables(attribute, variables, given)[0];

/** What a row of the table needs besides itself to make a whole response. */
function rowVariables(name: string, value: string): readonly string[] {
  const password = /^password/.test(value) ? ['TXM_WSSEC_USER_PASSWORD=<%userattr="secret"%>'] : [];
  const lines: Record<string, string> = name.startsWith("TXM_WSSEC")
    ? name === "TXM_WSSEC_TOKEN_TYPE" && value !== "SAML"
      ? {}
      : name === "TXM_WSSEC_USER_PASSWORD"
        ? { TXM_WSSEC_TOKEN_TYPE: "password" }
        : { ...saml, TXM_WSSEC_SAML20_SPID: "urn:orders" }
    : { TXM_SAML_Location: "HTTP_Header" };
  if (name.includes("_SIGNATURE")) lines.TXM_WSSEC_SAML_SIG_REQUIRED = "none";
  if (name.includes("USER_CERT")) {
    lines.TXM_WSSEC_SAML_SIG_REQUIRED = "hk";
    if (name === "TXM_WSSEC_SAML_USER_CERT") lines.TXM_WSSEC_SAML_USER_CERT_SRC = "User_Store";
  }
  if (name === "TXM_User_Cert") lines.TXM_Public_Key = "User_Store";
  if (name.includes("ENCRYPT")) {
    lines.TXM_WSSEC_SAML_ENCRYPT_ELEMENT = "Assertion";
    if (!name.endsWith("ROLE")) lines.TXM_WSSEC_ENCRYPT_PUB_KEY_ROLE = "partner";
  }
  lines[name] = value;
  return [...Object.entries(lines).map(([key, text]) => `${key}=${text}`), ...password];
}

describe("docs/migration.md", () => {
  const text = readFileSync(new URL("../../../../docs/migration.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|$/gm)].map((row) => row.slice(1));

  it("has a row for every variable", () => {
    const named = new Set(
      [...text.matchAll(/`((?:TXM_|WebAgent-HTTP)[A-Za-z0-9_-]+)[`=]/g)].map((row) => row[1] ?? ""),
    );
    for (const attribute of [security, ticket]) {
      // The refusal of a name unlike all others lists those that there are.
      let remedy = "";
      try {
        responseFromVariables(attribute, ["-=1"]);
      } catch (error) {
        remedy = (error as { remedy: string }).remedy;
      }
      const known = remedy.match(/TXM_\w+/g) ?? [];
      expect(known.length).toBeGreaterThan(4);
      expect(known.filter((name) => !named.has(name))).toEqual([]);
    }
  });

  it.each(rows)("is true of %s=%s: %s", (name = "", value = "", becomes = "") => {
    if (name.startsWith("WebAgent")) {
      expect(responseFromVariables(name, [value])).toEqual([JSON.parse(becomes)]);
      return;
    }
    const [, path = "", json = ""] = /^([\w.]+): (.+)$/.exec(becomes) ?? [];
    const attribute = name.startsWith("TXM_WSSEC") ? security : ticket;
    const made = one(attribute, rowVariables(name, value));
    expect(made).toHaveProperty(path, JSON.parse(json));
  });

  it("is true of what is different", () => {
    const x509 = { TXM_WSSEC_TOKEN_TYPE: "X509" };
    for (const [name, value, base] of [
      ["TXM_WSSEC_SIGNATURE_ALG", "rsa-sha1", x509],
      ["TXM_WSSEC_SAML_ENCRYPT_ALG_KEY", "rsa-1_5", x509],
      ["TXM_WSSEC_SAML_ENCRYPT_ALG_DATA", "tripledes-cbc", x509],
    ] as const) {
      expect(() => one(security, { ...base, [name]: value })).toThrow(insecure(`${security}.${name}`));
      expect(one(security, { ...base, [name]: value }, { legacy: "strengthen" })).toEqual({
        kind: "ws-security",
        token: "x509",
      });
    }
    expect(() => one(security, saml)).not.toThrow();
    for (const name of ["WebAgent-OnAccept-Redirect", "WebAgent-OnReject-Text"]) {
      expect(() => one(name, ["/x"])).toThrow(invalid(name));
    }
  });
});

describe("responseFromVariables()", () => {
  it("accepts values by name, computed ones too, and a repeated variable", () => {
    const value = computed(() => "x");
    expect(responseFromVariables("WebAgent-HTTP-Header-Variable", { "x-dept": value, "x-role": ["a", "b"] })).toEqual([
      { kind: "header", name: "x-dept", value },
      { kind: "header", name: "x-role", value: "a" },
      { kind: "header", name: "x-role", value: "b" },
    ]);
    const both = {
      ...saml,
      TXM_WSSEC_SAML_ENCRYPT_ELEMENT: ["Assertion", "Body"],
      TXM_WSSEC_ENCRYPT_PUB_KEY_ROLE: "partner",
    };
    expect(one(security, both)).toMatchObject({ encrypt: { elements: ["assertion", "body"] } });
  });

  it.each([
    ["TXM_WSSEC_TOKENTYPE", "Did you mean TXM_WSSEC_TOKEN_TYPE?"],
    ["TXM_WSSEC_USERPASSWORD", "Did you mean TXM_WSSEC_USER_PASSWORD?"],
    ["colour", "It has TXM_WSSEC_TOKEN_TYPE"],
    ["__proto__", "It has TXM_WSSEC_TOKEN_TYPE"],
  ])("rejects the unknown variable %s with ERR_CONFIG_INVALID: %s", (name, remedy) => {
    expect(() => one(security, [`${name}=1`])).toThrow(invalid(`${security}.${name}`, remedy));
  });

  it.each([
    [security, ["TXM_WSSEC_ROLE=x"], "TXM_WSSEC_TOKEN_TYPE"],
    [security, ["TXM_WSSEC_TOKEN_TYPE=Kerberos"], "TXM_WSSEC_TOKEN_TYPE"],
    [security, ["TXM_WSSEC_TOKEN_TYPE=X509", "TXM_WSSEC_TOKEN_TYPE=X509"], "TXM_WSSEC_TOKEN_TYPE"],
    [security, ["TXM_WSSEC_TOKEN_TYPE=SAML"], "TXM_WSSEC_SAML_AFFILIATE"],
    [security, ["TXM_WSSEC_TOKEN_TYPE=X509", "TXM_WSSEC_TIMESTAMP=maybe"], "TXM_WSSEC_TIMESTAMP"],
    [security, ["TXM_WSSEC_TOKEN_TYPE=X509", "TXM_WSSEC_TIMESTAMP_EXPIRY=-1"], "TXM_WSSEC_TIMESTAMP_EXPIRY"],
    [security, ["TXM_WSSEC_TOKEN_TYPE=X509", "TXM_WSSEC_SIGNATURE=everything"], "TXM_WSSEC_SIGNATURE"],
    [security, ["TXM_WSSEC_TOKEN_TYPE=X509", "TXM_WSSEC_SIGNATURE_ALG=rsa-md5"], "TXM_WSSEC_SIGNATURE_ALG"],
    [
      security,
      ["TXM_WSSEC_TOKEN_TYPE=X509", "TXM_WSSEC_SAML_ENCRYPT_ELEMENT=Header"],
      "TXM_WSSEC_SAML_ENCRYPT_ELEMENT",
    ],
    [security, ["TXM_WSSEC_TOKEN_TYPE=X509", "TXM_WSSEC_SAML_ENCRYPT_ELEMENT=Body"], "TXM_WSSEC_ENCRYPT_PUB_KEY_ROLE"],
    [security, ["TXM_WSSEC_TOKEN_TYPE=password"], "password"],
    [ticket, ["TXM_Force_Logon=Yes"], "TXM_SAML_Location"],
    [ticket, ["TXM_SAML_Location=HTTP_Header", "TXM_Public_Key=User_Store"], "TXM_User_Cert"],
    [ticket, ["TXM_SAML_Location=HTTP_Header", "TXM_Public_Key=Elsewhere"], "TXM_Public_Key"],
  ])("rejects for %s the variables %j with ERR_CONFIG_INVALID at %s", (attribute, variables, name) => {
    expect(() => one(attribute, variables)).toThrow(invalid(`${attribute}.${name}`));
  });

  it("rejects lines that are no NAME=value, values that only the product can compute, and headers of HTTP", () => {
    const header = "WebAgent-HTTP-Header-Variable";
    expect(() => one(header, ["x-dept"])).toThrow(invalid(`${header}[0]`));
    expect(() => one(header, ['x-dept=<@lib="a" func="b"@>'])).toThrow(invalid(header, "computed"));
    expect(() => one(header, ["content-length=1"])).toThrow(invalid(`${header}.name`));
    expect(() => one("WebAgent-HTTP-Headr-Variable", ["a=b"])).toThrow(
      invalid("WebAgent-HTTP-Headr-Variable", "Did you mean WebAgent-HTTP-Header-Variable?"),
    );
  });
});
