/**
 * A part of a message that an alternative wants protected: the Body, the Timestamp of our Security header, the
 * WS-Addressing headers that are present, all attachments that are present, or one header block by name (then it must be
 * present).
 */
export type MessagePart =
  | "body"
  | "timestamp"
  | "addressing"
  | "attachments"
  | { readonly namespace: string; readonly name: string };

/**
 * A part of a message that an alternative wants encrypted: the content of the Body, every message signature, every
 * UsernameToken and assertion of our Security header, or one header block by name (then it must be present).
 */
export type EncryptedPart = "body" | "signature" | "token" | { readonly namespace: string; readonly name: string };

/** A part of a reply: also the SignatureConfirmations of our Security header that are present. */
export type ReplyPart = MessagePart | "confirmations";
