/**
 * A part of a message that an alternative wants protected: the Body, the Timestamp of our Security header, the
 * WS-Addressing headers that are present, the SignatureConfirmations of our header that are present, or one header block
 * by name (then it must be present).
 */
export type MessagePart =
  | "body"
  | "timestamp"
  | "addressing"
  | "confirmations"
  | { readonly namespace: string; readonly name: string };
