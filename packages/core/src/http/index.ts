export { type AnswerFault, type BoundedRequest, requestOctets } from "./bounded-request.js";
