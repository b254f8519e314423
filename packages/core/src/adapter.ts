/**
 * For adapters to web frameworks on Node HTTP. An adapter makes a gate, lets it decide about each request, attaches the
 * security context and writes what the core answered; it holds no policy, no parsing and no error text.
 */
export { type AgentGuardOptions, createGuard } from "./agent/index.js";
export {
  correlationHeader,
  type Endpoint,
  type Guard,
  type GuardOptions,
  type Injection,
  type RequestHeaders,
  type SecurityContext,
  type ServerReply,
  type ServerRequest,
  type Transport,
  type Verdict,
} from "./guard/index.js";
export {
  type AdapterOptions,
  type Arrival,
  type CountersignOptions,
  createGate,
  createServing,
  type Gate,
  type HandlerReply,
  type Outcome,
  type Passage,
  type ProtectedReply,
  type ProxyOptions,
  type ReplyHold,
  readOctets,
  securityOfRequest,
  writeAnswer,
} from "./node/index.js";
