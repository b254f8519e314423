export * from "./testing/index.js";
// The XML layer, for conformance tests against the vectors of the standards. It is no part of the public interface.
export * as xml from "./xml/index.js";
