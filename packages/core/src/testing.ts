// The inner layers, for conformance tests against the vectors of the standards and other implementations, and for
// measurements of the engine alone. They are no part of the public interface.
export * as crypto from "./crypto/index.js";
export * as soap from "./soap/index.js";
export * from "./testing/index.js";
export * as ticket from "./tokens/ticket/index.js";
export * as wss from "./wss/index.js";
export * as xml from "./xml/index.js";
export * as xmlsec from "./xmlsec/index.js";
