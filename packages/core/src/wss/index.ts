export type { Protection, SecurityEvidence, VerifiedElement, VerifiedMessage } from "./verified-message.js";
