import { contentTypeOf } from "../soap/index.js";
import { type ContextAction, writeTrustEnvelope } from "../trust/index.js";
import type { Exchange } from "./exchange.js";
import { correlationHeader, type ServerReply } from "./seam.js";

/** The answer to a request about a security context, before it is secured. */
export function contextReply(
  { id, soap: version = "1.2", relatesTo }: Exchange,
  { answer: action }: ContextAction,
  content: string,
): ServerReply {
  return {
    status: 200,
    headers: {
      "content-type": contentTypeOf(version),
      "cache-control": "no-store",
      [correlationHeader]: id,
    },
    body: Buffer.from(writeTrustEnvelope({ version, action, relatesTo, content })),
  };
}
