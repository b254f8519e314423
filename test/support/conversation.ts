import { createHmac, createSecretKey } from "node:crypto";
import type { Signer } from "./credentials.js";
import { element, inside, write } from "./markup.js";
import { assemble, type MessageOptions, type SoapMessage, signedMessage } from "./messages.js";
import { namespaces, profile } from "./namespaces.js";

/*
 * WS-SecureConversation made without the product, with node:crypto alone.
 */

/** A security context as both sides hold it. */
export interface HeldContext {
  readonly identifier: string;
  readonly secret: Uint8Array;
}

/** The label of both parties, one behind the other (WS-SecureConversation 1.4 section 7). */
const label = "WS-SecureConversationWS-SecureConversation";

/** P_SHA-1 of RFC 2246 section 5, from the start of its stream. */
export function pSha1(secret: Uint8Array, seed: Uint8Array, octets: number): Buffer {
  const hmac = (data: Uint8Array) => createHmac("sha1", secret).update(data).digest();
  const stream: Buffer[] = [];
  let link = hmac(seed);
  for (let made = 0; made < octets; made += 20) {
    stream.push(hmac(Buffer.concat([link, seed])));
    link = hmac(link);
  }
  return Buffer.concat(stream).subarray(0, octets);
}

/** The key of 32 octets that a nonce stands for. */
export const derivedKey = ({ secret }: HeldContext, nonce: Uint8Array): Buffer =>
  pSha1(secret, Buffer.concat([Buffer.from(label), nonce]), 32);

/**
 * A message under a context: HMAC-SHA256 over Timestamp and Body by a key that was derived for it. Security holds timestamp,
 * context, derived, signature.
 */
export function conversationMessage(
  options: MessageOptions & { readonly context: HeldContext; readonly nonce: Uint8Array },
): SoapMessage {
  const { context, nonce } = options;
  const key = createSecretKey(derivedKey(context, nonce));
  const signer: Signer = { privateKey: key, publicKey: key, certificate: Buffer.alloc(0) };
  const message = signedMessage({ ...options, signer, algorithm: "hmac-sha256", keyInfo: referenceTo("DK-1", "dk") });
  const scope = inside(element("wsu:Timestamp"), new Set(["soap", "wsse", ...message.envelopeDeclares]));
  const tokens = {
    context: element("wsc:SecurityContextToken", { "wsu:Id": "SCT-1" }, [
      element("wsc:Identifier", {}, [context.identifier]),
    ]),
    derived: element("wsc:DerivedKeyToken", { Algorithm: `${namespaces.wsc}/dk/p_sha1`, "wsu:Id": "DK-1" }, [
      referenceTo("SCT-1", "sct"),
      element("wsc:Offset", {}, ["0"]),
      element("wsc:Length", {}, ["32"]),
      element("wsc:Nonce", { EncodingType: profile.base64Binary }, [Buffer.from(nonce).toString("base64")]),
    ]),
  };
  const written = {
    ...message,
    parts: { ...message.parts, context: write(tokens.context, scope), derived: write(tokens.derived, scope) },
    security: ["timestamp", "context", "derived", "signature"],
  };
  const text = assemble(written);
  return { ...written, text, bytes: Buffer.from(text, "utf8") };
}

function referenceTo(id: string, kind: "sct" | "dk") {
  const reference = element("wsse:Reference", { URI: `#${id}`, ValueType: `${namespaces.wsc}/${kind}` });
  return element("wsse:SecurityTokenReference", {}, [reference]);
}
