import { InMemorySecurityContextStore, securityContext, usernameToken } from "@countersign/core";
import type { SharedKeys } from "./keys.js";
import type { Row } from "./matrix.js";
import { withClient } from "./sending.js";

const password = "wonderland";
/** What WSS4J says where a signature does not fit. */
const invalidSignature = "The signature or decryption was invalid";

/** A context established by password over TLS, and messages signed and encrypted under it. */
function conversationRow(
  keys: SharedKeys,
  version: "1.3" | "2005/02",
  order: "sign-then-encrypt" | "encrypt-then-sign",
  derived = true,
): Row {
  const contexts = new InMemorySecurityContextStore();
  const verify = (name: string, given: string) => name === "alice" && given === password;
  const fields = {
    conversation: version,
    "conversation.order": order,
    "conversation.keys": derived ? "derived" : "own",
    password,
  };
  const cipher = { element: "CipherValue", value: "A".repeat(80) };
  return {
    name: `WS-SecureConversation ${version}, ${derived ? "" : "own key, "}${order}`,
    principal: "alice",
    theirs: {
      fields,
      accept: securityContext({ contexts, requireDerivedKeys: derived, encrypted: ["body"], order }),
      conversation: { contexts, bootstrap: [usernameToken({ verify, over: "transport" })] },
      reply: { sign: "context", confirm: true, encrypt: { for: "context", order } },
      refusal: order === "sign-then-encrypt" ? "ERR_WSS_DECRYPTION_FAILED" : "ERR_WSS_FAILED_CHECK",
      replyRefusal: order === "sign-then-encrypt" ? "Tag mismatch" : invalidSignature,
    },
    ours: {
      fields,
      refusal: invalidSignature,
      send: withClient(keys, {
        credentials: () => ({ name: "alice", password }),
        conversation: { version, derivedKeys: derived },
        encrypt: { for: "context", order },
        reply: { certificates: undefined, confirmed: true, encrypted: true },
      }),
    },
    tampering: cipher,
    replyTampering: cipher,
  };
}

/** Conversations in each version, order and kind of key. */
export const conversationRows = (keys: SharedKeys): readonly Row[] => [
  conversationRow(keys, "1.3", "sign-then-encrypt"),
  conversationRow(keys, "1.3", "encrypt-then-sign"),
  conversationRow(keys, "1.3", "sign-then-encrypt", false),
  conversationRow(keys, "2005/02", "sign-then-encrypt"),
  conversationRow(keys, "2005/02", "encrypt-then-sign"),
];
