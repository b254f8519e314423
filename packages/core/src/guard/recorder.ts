import type { AuditEvent, AuditSink } from "../audit/index.js";
import { auditText } from "../audit/index.js";
import { refuse } from "../errors/index.js";
import { type Clock, disregard, systemClock, withinDeadline } from "../time/index.js";
import type { Exchange } from "./exchange.js";
import type { ServerRequest } from "./seam.js";

/** What a recorder knows of its guard. */
export interface RecorderOptions {
  /** Undefined where nothing is recorded. */
  readonly audit: { readonly sink: AuditSink; readonly mandatory: boolean } | undefined;
  readonly clock: Clock;
  readonly origin: string;
  /** For how long a mandatory sink is waited for. */
  readonly milliseconds: number;
}

/** Writes the audit records of one guard. */
export class Recorder {
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Whether records go anywhere: what a record is made of need not be made otherwise. */
  get records(): boolean {
    return this.#options.audit !== undefined;
  }

  /**
   * Writes a record. A sink that fails is an outage where audit is mandatory, and nothing otherwise.
   * @throws ERR_UNAVAILABLE
   */
  async record(
    request: ServerRequest,
    exchange: Exchange,
    event: Pick<AuditEvent, "outcome"> & Partial<AuditEvent>,
  ): Promise<void> {
    const { audit, clock, origin, milliseconds } = this.#options;
    if (audit === undefined) return;
    const { remoteAddress } = request.transport;
    try {
      const recorded = audit.sink({
        time: momentOf(clock),
        id: exchange.id,
        origin,
        remoteAddress: remoteAddress && auditText(remoteAddress),
        milliseconds: performance.now() - exchange.started,
        ...event,
      });
      // A refusal waits once, like an acceptance that could not be recorded: else time would tell which it was.
      if (audit.mandatory && !exchange.unrecorded) await withinDeadline(recorded, milliseconds, "the audit sink");
      else if (recorded !== undefined) disregard(recorded);
    } catch (cause) {
      if (!audit.mandatory) return;
      exchange.unrecorded = true;
      refuse("ERR_UNAVAILABLE", "the audit sink did not take the record", { rule: "audit.mandatory", cause });
    }
  }
}

/** A record without its time is worth more than none: where the clock fails, the machine's own tells it. */
function momentOf(clock: Clock): string {
  try {
    return new Date(clock.now()).toISOString();
  } catch {
    return new Date(systemClock.now()).toISOString();
  }
}
