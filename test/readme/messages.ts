import { type ClientOptions, createClient } from "@countersign/client";
import { ca, stsCertificate } from "./settings.js";

/** The media type of SOAP 1.2. */
export const soap12 = { "content-type": "application/soap+xml" };

/** An order for an anvil, without any security. */
export const order =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' +
  '<PlaceOrder xmlns="urn:orders"><item>anvil</item></PlaceOrder></s:Body></s:Envelope>';

/** Options of a client that gets its tokens from `https://sts.example`. */
export function requestor(name: "alice" | "bob", keyType: "bearer" | "public-key"): ClientOptions {
  return {
    broker: { url: "https://sts.example/sts", certificates: [stsCertificate], tls: { ca } },
    credentials: () => ({ name, password: name === "alice" ? "wonderland" : "builder" }),
    keyType,
    tls: { ca },
  };
}

/** The order as a requestor sends it to `https://orders.example/orders`. */
export async function secured(options: ClientOptions): Promise<string> {
  const client = createClient(options);
  try {
    const { envelope } = await client.secure(order, { appliesTo: "https://orders.example/orders" });
    return Buffer.from(envelope).toString();
  } finally {
    await client.close();
  }
}
