import { type ClientOptions, createClient } from "@countersign/client";
import {
  type ConfirmationContent,
  contentTypeOf,
  issueAssertion,
  issueBinarySecurityToken,
  type OutboundSignature,
  secureMessage,
  verifyReply,
} from "@countersign/core/sts";
import type { SharedKey, SharedKeys } from "./keys.js";
import type { Ours, OutgoingOrder } from "./matrix.js";

/** What {@link secureMessage} is told. */
export type MessageSecurity = Parameters<typeof secureMessage>[1];

/** Sends with a client of these options, which demands a signed reply. */
export const withClient =
  ({ orders }: SharedKeys, options: ClientOptions): Ours["send"] =>
  async ({ url, action, envelope, transport }) => {
    const reply = { signed: true, certificates: [orders.certificate], ...options.reply };
    const client = createClient({ ...options, reply, transport });
    try {
      return (await client.fetch(url, { body: envelope, action })).message;
    } finally {
      await client.close();
    }
  };

/** Sends a message that is secured by hand, for what no client makes. */
export const byHand =
  ({ orders }: SharedKeys, security: () => MessageSecurity): Ours["send"] =>
  async (order: OutgoingOrder) => {
    const message = secureMessage(order.envelope, security());
    const action =
      message.version === "1.1"
        ? { "content-type": contentTypeOf("1.1"), soapaction: `"${order.action}"` }
        : { "content-type": `${contentTypeOf("1.2")}; action="${order.action}"` };
    const { status, body } = await order.transport.send({
      url: new URL(order.url),
      method: "POST",
      headers: action,
      body: message.envelope,
      timeoutMilliseconds: 20_000,
      maxResponse: 1 << 20,
    });
    if (status !== 200) throw new Error(`${status} ${Buffer.from(body)}`);
    return verifyReply(body, { certificates: [orders.parsed], required: ["body", "timestamp"] });
  };

const parts = ["body", "timestamp"] as const;

/** A signature over Body and Timestamp. */
export const signedBy = ({ key }: SharedKey, more: Omit<OutboundSignature, "key" | "parts">): OutboundSignature => ({
  key,
  parts,
  ...more,
});

/** What every assertion of this matrix says, on both sides. */
export const assertionFacts = { issuer: "https://sts.example", audience: "urn:orders", subject: "bob" } as const;

/** A message with an assertion of our own. */
export function withAssertion(
  { sts, alice }: SharedKeys,
  version: "1.1" | "2.0",
  method: "bearer" | "holder-of-key" | "sender-vouches",
) {
  return (): MessageSecurity => {
    const confirmation: ConfirmationContent =
      method === "holder-of-key" ? { method, certificate: alice.parsed } : { method };
    const now = Date.now();
    const { issuer, audience, subject } = assertionFacts;
    const { xml, id } = issueAssertion(
      {
        version,
        issuer,
        audience,
        subject: { name: subject },
        lifetime: { created: now - 1000, expires: now + 300_000 },
        confirmation,
        attributes: [{ name: "role", values: ["clerk"] }],
      },
      { key: sts.key, certificate: sts.parsed },
    );
    if (method === "bearer") return { tokens: [xml] };
    if (method === "holder-of-key") {
      return {
        tokens: [xml],
        signatures: [signedBy(alice, { reference: { by: version === "1.1" ? "saml11" : "saml2", id } })],
      };
    }
    const token = issueBinarySecurityToken([alice.parsed]);
    const vouching = signedBy(alice, { reference: { by: "token", id: token.id }, ids: [id] });
    return { tokens: [xml, token.xml], signatures: [vouching] };
  };
}
