import { type Alternative, type ErrorCode, saml2, saml11, x509 } from "@countersign/core";
import { expect } from "vitest";
import { credentials } from "../../support/credentials.js";
import {
  bearerMessage,
  holderOfKeyMessage,
  type MessageOptions,
  type SoapMessage,
  senderVouchesMessage,
  x509Message,
} from "../../support/messages.js";
import type { AttackVerdict } from "../catalogue.js";
import { Route } from "./route.js";
import { type SamlWords, words11, words20 } from "./saml-words.js";
import type { Sent } from "./sent.js";

/*
 * Where attacks start from: kinds of genuine messages, each with a route that admits it. Between them they have both SOAP
 * versions, the Security header before and behind other headers, and every family of keys.
 */

/** A kind of genuine message and a route for it. */
export interface Scene {
  readonly title: string;
  readonly route: Route;
  /** A fresh genuine message. */
  readonly genuine: (more?: MessageOptions) => SoapMessage;
}

const keys = credentials();
const issuers = [{ name: "https://sts.example", certificates: [keys.issuer.certificate] }];
const audience = "urn:orders";

/** A signature by a listed certificate, SOAP 1.1. */
export const direct: Scene = {
  title: "X.509, SOAP 1.1",
  route: new Route({ trust: { certificates: [keys.signer.certificate] }, accept: [x509()] }),
  genuine: (more) => x509Message({ signer: keys.signer, ...more }),
};

const thumbprint: Scene = {
  title: "X.509 by thumbprint with ECDSA, SOAP 1.2, Security first",
  route: new Route({ trust: { certificates: [keys.elliptic.certificate] }, accept: [x509()] }),
  genuine: (more) =>
    x509Message({
      soap: "1.2",
      signer: keys.elliptic,
      algorithm: "ecdsa-sha256",
      reference: "thumbprint",
      securityFirst: true,
      headers: { note: { name: "o:Note", attributes: {}, declare: [], children: ["urgent"] } },
      ...more,
    }),
};

/** A signature by a certificate of a trusted authority, SOAP 1.1. */
export const authority: Scene = {
  title: "X.509 of an authority with RSASSA-PSS and a PrefixList, signature first",
  route: new Route({ trust: { authorities: [keys.authority] }, accept: [x509({ subjects: ["CN=alice,O=Example"] })] }),
  genuine: (more) =>
    x509Message({
      signer: keys.signer,
      algorithm: "rsa-pss-sha256",
      form: { method: "exclusive", inclusivePrefixes: ["soap", "wsu"] },
      securityOrder: ["signature", "token", "timestamp"],
      ...more,
    }),
};

/** A kind of genuine message with an assertion. */
export interface AssertionScene extends Scene {
  /** How its version of SAML says things. */
  readonly saml: SamlWords;
  /** The alternatives of its route. */
  readonly accept: readonly Alternative[];
}

/** A route with one alternative, for assertions. */
const accepting = (alternative: Alternative) => {
  const accept = [alternative];
  return { accept, route: new Route({ trust: { issuers }, accept }) };
};

/** A holder-of-key assertion, SOAP 1.1. */
export const holderOfKey: AssertionScene = {
  title: "SAML holder-of-key, SOAP 1.1",
  saml: words20,
  ...accepting(saml2({ audience, confirm: "holder-of-key" })),
  genuine: (more) => holderOfKeyMessage({ signer: keys.signer, assertion: { issuedBy: keys.issuer }, ...more }),
};

const holderOfKey12: AssertionScene = {
  title: "SAML holder-of-key with Ed25519, SOAP 1.2, signature first",
  saml: words20,
  ...accepting(saml2({ audience, confirm: "holder-of-key" })),
  genuine: (more) =>
    holderOfKeyMessage({
      soap: "1.2",
      signer: keys.edwards,
      algorithm: "ed25519",
      securityFirst: true,
      securityOrder: ["signature", "assertion", "timestamp"],
      assertion: { issuedBy: keys.issuer },
      ...more,
    }),
};

/** A sender-vouches assertion with its attester's signature, SOAP 1.1. */
export const senderVouches: AssertionScene = {
  title: "SAML sender-vouches, SOAP 1.1",
  saml: words20,
  ...accepting(saml2({ audience, confirm: "sender-vouches", attesters: [keys.signer.certificate] })),
  genuine: (more) => senderVouchesMessage({ signer: keys.signer, assertion: { issuedBy: keys.issuer }, ...more }),
};

/** A bearer assertion over TLS, SOAP 1.1. */
export const bearer: AssertionScene = {
  title: "SAML bearer, SOAP 1.1",
  saml: words20,
  ...accepting(saml2({ audience, confirm: "bearer", over: "transport" })),
  genuine: (more) => bearerMessage({ assertion: { issuedBy: keys.issuer }, ...more }),
};

const of11 = { issuedBy: keys.issuer, version: "1.1" } as const;

/** A holder-of-key assertion of SAML 1.1, SOAP 1.2. */
export const holderOfKey11: AssertionScene = {
  title: "SAML 1.1 holder-of-key, SOAP 1.2",
  saml: words11,
  ...accepting(saml11({ audience, confirm: "holder-of-key" })),
  genuine: (more) => holderOfKeyMessage({ soap: "1.2", signer: keys.signer, assertion: of11, ...more }),
};

/** A sender-vouches assertion of SAML 1.1 with its attester's signature, SOAP 1.1. */
export const senderVouches11: AssertionScene = {
  title: "SAML 1.1 sender-vouches, SOAP 1.1",
  saml: words11,
  ...accepting(saml11({ audience, confirm: "sender-vouches", attesters: [keys.signer.certificate] })),
  genuine: (more) => senderVouchesMessage({ signer: keys.signer, assertion: of11, ...more }),
};

/** A bearer assertion of SAML 1.1 over TLS, SOAP 1.1. */
export const bearer11: AssertionScene = {
  title: "SAML 1.1 bearer, SOAP 1.1",
  saml: words11,
  ...accepting(saml11({ audience, confirm: "bearer", over: "transport" })),
  genuine: (more) => bearerMessage({ assertion: of11, ...more }),
};

/** Messages whose Body and Timestamp are signed. */
export const signedScenes: readonly Scene[] = [
  direct,
  thumbprint,
  authority,
  holderOfKey,
  holderOfKey12,
  senderVouches,
  holderOfKey11,
];

/** Messages with an assertion. */
export const assertionScenes: readonly AssertionScene[] = [
  holderOfKey,
  holderOfKey12,
  senderVouches,
  bearer,
  holderOfKey11,
  senderVouches11,
  bearer11,
];

/**
 * An attack on a genuine message of a scene, as a case for `attack`: the message is admitted as it is, and refused after
 * the change. Its verdict is the case's.
 * @param code Where other checks could refuse the message for a reason that is not the attack: the error that is meant.
 */
export function against(
  { route, genuine }: Scene,
  change: (message: SoapMessage) => Sent,
  code?: ErrorCode,
): () => Promise<AttackVerdict> {
  return async () => {
    const message = genuine();
    await route.admits(message);
    const { verdict, record } = await route.refusal(change(message));
    if (code !== undefined) expect(record.error?.code).toBe(code);
    return verdict;
  };
}
