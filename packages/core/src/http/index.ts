export { type AnswerFault, type BoundedRequest, requestOctets } from "./bounded-request.js";
export { headerSpelling, headerText, requireHeaderName } from "./header-text.js";
