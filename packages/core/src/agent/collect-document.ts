import { sha256Hex } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { type DocumentField, noClaims, type XmlDocumentScheme } from "../identity/index.js";
import type { PathCache } from "../response/index.js";
import type { Collected } from "./collected.js";
import type { RequestDocument } from "./request-document.js";
import { startOf } from "./variables.js";

/**
 * Takes name and password from where a scheme says that they stand.
 * @returns undefined where neither is there: then the request presents no such credentials
 * @throws ERR_WSS_FAILED_AUTHENTICATION where only one is, or where a path means several nodes or one with child elements;
 * ERR_WSS_INVALID_SECURITY where the document came over an open connection and must not
 */
export function collectFromDocument(
  scheme: XmlDocumentScheme,
  read: RequestDocument,
  { encrypted, paths, issuer }: { readonly encrypted: boolean; readonly paths: PathCache; readonly issuer: string },
): Collected | undefined {
  const name = valueAt(read, scheme.user, paths);
  const password = valueAt(read, scheme.password, paths);
  if (name === undefined && password === undefined) return undefined;
  if (scheme.secureTransport && !encrypted) {
    refuse("ERR_WSS_INVALID_SECURITY", "a document with a password came over a connection that is not encrypted", {
      rule: "secureTransport",
      remedy: "Use TLS; where a proxy ends it, name that proxy as trusted. The password sent is no secret any more.",
    });
  }
  if (name === undefined || password === undefined) {
    refuseField(read, name === undefined ? scheme.user : scheme.password, "names nothing in this document");
  }
  return {
    scheme: scheme.kind,
    credentials: { kind: "password", name, password },
    proof: "password-text",
    replay: [],
    token: {
      kind: "username",
      principal: { name, kind: "username" },
      claims: noClaims,
      issuer,
      // Of the name alone: with the password in it, readers of records could guess that.
      digest: sha256Hex(Buffer.from(name)),
    },
  };
}

function valueAt(read: RequestDocument, field: DocumentField, paths: PathCache): string | undefined {
  const from = startOf(read, field.in);
  if (from === undefined) return undefined;
  const located = paths.compile(field.path, field.namespaces).read(read.document, from);
  switch (located.found) {
    case "value":
      return located.text;
    case "none":
      return undefined;
    case "several":
      return refuseField(read, field, "names more than one node");
    case "unreadable":
      return refuseField(read, field, "names an element that holds other elements");
  }
}

function refuseField({ document }: RequestDocument, { path }: DocumentField, reason: string): never {
  refuse("ERR_WSS_FAILED_AUTHENTICATION", `the path ${path} ${reason}`, {
    place: () => document.place(0),
    rule: "xmlDocumentCredentials",
    remedy: "Send one element or attribute with the value.",
  });
}
