export { type AttachmentCoverage, ReceivedAttachment } from "./attachment.js";
export { cidUrl, parseCidUrl, parseContentId } from "./content-id.js";
export { type ContentType, essenceOf, parseContentType } from "./content-type.js";
export { defaultMimeLimits, type MimeLimits } from "./limits.js";
export { MultipartMessage, type RootPart } from "./multipart-message.js";
export type { PartHead } from "./part-head.js";
export { refuseMime } from "./refusals.js";
