export type { AuditEvent, AuditSink } from "./event.js";
