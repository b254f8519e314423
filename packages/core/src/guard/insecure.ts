/**
 * Option key that lets alternatives with `over: "transport"` accept unencrypted connections: `{ [allowInsecureTransport]: true }`.
 * For development, or behind a proxy that ends TLS and cannot say so. Anybody on the path can then read and change
 * messages. A warning is emitted at start.
 */
export const allowInsecureTransport: unique symbol = Symbol("countersign.allowInsecureTransport");
