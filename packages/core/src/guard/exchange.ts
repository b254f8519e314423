import { randomUuid } from "../crypto/index.js";
import type { MultipartMessage } from "../mime/index.js";
import type { SoapVersion } from "../soap/index.js";

/** What is known of an exchange while it is decided: enough to answer it, whatever goes wrong. */
export interface Exchange {
  /** Correlation id. */
  readonly id: string;
  /** Monotonic milliseconds at which the request came in. */
  readonly started: number;
  /** Monotonic milliseconds by which the verification must be done: counted from when the whole request is here. */
  until: number;
  /** The SOAP version to answer in, as soon as it is known. */
  soap: SoapVersion | undefined;
  /** Whether the request is an XML document that is no SOAP. */
  xml: boolean;
  /** Whether the audit sink failed this exchange already: nobody waits for it twice. */
  unrecorded: boolean;
  /** The WS-Trust namespace of a request about a context, as soon as one is recognised. */
  trust: string | undefined;
  /** Attachments of the request, which have to be let go of. */
  parts: MultipartMessage | undefined;
  /** A well-formed wsa:MessageID of the request, for RelatesTo. */
  relatesTo: string | undefined;
}

/** An exchange that begins now. */
export function beginExchange(deadlineMilliseconds: number): Exchange {
  const started = performance.now();
  return {
    id: randomUuid(),
    started,
    until: started + deadlineMilliseconds,
    soap: undefined,
    relatesTo: undefined,
    trust: undefined,
    xml: false,
    unrecorded: false,
    parts: undefined,
  };
}
