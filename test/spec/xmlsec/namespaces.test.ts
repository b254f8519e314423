import { readFileSync } from "node:fs";
import { join } from "node:path";
import { xmlsec } from "@countersign/core/testing";
import { expect } from "vitest";
import { requireSharedData } from "../../require/external.js";

const schemas = requireSharedData("schemas");

/** What each schema of the standards says of itself. */
const expected: Readonly<Record<string, string>> = {
  "xmldsig-core-schema.xsd": xmlsec.dsNamespace,
  "xmldsig11-schema.xsd": xmlsec.dsig11Namespace,
  "exc-c14n.xsd": xmlsec.excC14nNamespace,
  "xenc-schema.xsd": xmlsec.xencNamespace,
  "xenc-schema-11.xsd": xmlsec.xenc11Namespace,
  "oasis-200401-wss-wssecurity-secext-1.0.xsd": xmlsec.wsseNamespace,
  "oasis-wss-wssecurity-secext-1.1.xsd": xmlsec.wsse11Namespace,
  "oasis-200401-wss-wssecurity-utility-1.0.xsd": xmlsec.wsuNamespace,
  "oasis-sstc-saml-schema-assertion-1.1.xsd": xmlsec.saml11Namespace,
  "saml-schema-assertion-2.0.xsd": xmlsec.saml20Namespace,
};

schemas.it("accepts the target namespace of every schema as our constant", () => {
  for (const [file, namespace] of Object.entries(expected)) {
    const target = /targetNamespace\s*=\s*["']([^"']+)["']/.exec(readFileSync(join(schemas.path, file), "utf8"))?.[1];
    expect(target, file).toBe(namespace);
  }
});
