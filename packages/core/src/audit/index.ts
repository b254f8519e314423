export type { AuditEvent, AuditSink } from "./event.js";
export { auditError, auditText } from "./record.js";
