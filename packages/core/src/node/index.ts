export { writeAnswer } from "./answer.js";
export { readOctets } from "./body-reader.js";
export { type Arrival, securityOfRequest } from "./exchange.js";
export {
  type AdapterOptions,
  type CountersignOptions,
  createGate,
  createServing,
  type Gate,
  type Outcome,
  type Passage,
  type ReplyHold,
} from "./gate.js";
export type { HandlerReply, ProtectedReply } from "./reply-protection.js";
export type { ProxyOptions } from "./transport.js";
