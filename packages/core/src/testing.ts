export * from "./testing/index.js";
// The XML layers, for conformance tests against the vectors of the standards and against other implementations. They are no
// part of the public interface.
export * as xml from "./xml/index.js";
export * as xmlsec from "./xmlsec/index.js";
