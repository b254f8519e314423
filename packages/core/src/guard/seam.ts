import type { CountersignError } from "../errors/index.js";
import type { SecurityContext } from "./security-context.js";

/** What an adapter knows about the connection; from the socket, or from a trusted proxy's headers where the route says so. */
export interface Transport {
  /** Whether the connection to the requestor is TLS. */
  readonly encrypted: boolean;
  readonly remoteAddress?: string | undefined;
  /** The requestor's TLS certificate, DER, where TLS asked for one and the connection's check accepted it. */
  readonly peerCertificate?: Uint8Array | undefined;
}

/** A request as an adapter hands it to the core. Never a framework type. */
export interface ServerRequest {
  readonly method: string;
  /** Path and query as received. The public origin is configuration, never the Host header. */
  readonly target: string;
  /** Appended from `rawHeaders`, one pair per received header line, so that duplicates stay visible. */
  readonly headers: RequestHeaders;
  /**
   * The exact body octets: lazy, memoised, never more than `limit` octets.
   * Rejects with ERR_HTTP_BODY_CONSUMED, ERR_HTTP_TOO_LARGE or ERR_HTTP_ABORTED.
   */
  readonly body: (limit: number) => Promise<Uint8Array>;
  /**
   * The body octets as they come, for messages that are too large to be gathered: read once, by one reader, in place of
   * `body`. Reading stops where the reader stops, and the connection stays usable for an answer. Fails as `body` does.
   * Without it, such messages are taken from `body`.
   */
  readonly stream?: (() => AsyncIterable<Uint8Array>) | undefined;
  readonly transport: Transport;
  /** Aborted when the requestor goes away. */
  readonly signal: AbortSignal;
}

/** Received header lines: names lower-cased, values as received, in order. */
export type RequestHeaders = readonly (readonly [name: string, value: string])[];

/** An answer that the core decided, which an adapter writes as it stands. */
export interface ServerReply {
  readonly status: number;
  /** Header name and value pairs; names lower-case, at most one of each. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

/** What an adapter changes on the request before the handler sees it. */
export interface Injection {
  /** Whether a received header must go: every spelling of an injected or reserved name. Takes the received name. */
  readonly strips: (name: string) => boolean;
  /** Header name and value pairs to add after stripping; values are safe header text. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The verified message to put in place of the request body, where the route took a body. */
  readonly body?: { readonly bytes: Uint8Array; readonly contentType: string } | undefined;
  /** Values of Set-Cookie for the reply, whatever the handler answers. */
  readonly setCookies?: readonly string[] | undefined;
}

/** The guard's decision about one request. */
export type Verdict =
  | {
      readonly kind: "admitted";
      readonly id: string;
      readonly inject: Injection;
      readonly security: SecurityContext;
      /** Lets go of what the request holds: its attachments. To be called once, when the exchange is over. */
      readonly release?: (() => void) | undefined;
    }
  /** Anonymous access is allowed here and no credential was presented; spoofed headers are still stripped. */
  | { readonly kind: "anonymous"; readonly id: string; readonly inject: Injection }
  | {
      readonly kind: "answered";
      readonly id: string;
      readonly reply: ServerReply;
      readonly error?: CountersignError | undefined;
    };

/** A guard: the decision about a request before its handler, and the protection of the reply after it. */
export interface Guard {
  /** Decides. Rejects only on a defect; an adapter answers a rejection with {@link Guard.failure}. */
  admit(request: ServerRequest): Promise<Verdict>;
  /** Protects a reply as the route says: Timestamp, signature, SignatureConfirmation. */
  secureReply(security: SecurityContext, reply: ServerReply): Promise<ServerReply>;
  /** Whether {@link secureReply} changes anything, so that an adapter may stream replies that need no protection. */
  readonly securesReplies: boolean;
  /** The largest reply body, in octets, that {@link secureReply} takes. */
  readonly maxReply: number;
  /** The fixed answer for a defect: 500, no detail. */
  failure(): ServerReply;
  close(): Promise<void>;
}

/** Something that answers requests by itself: a broker, a decision-point server. Adapters mount it with `mount(endpoint)`. */
export interface Endpoint {
  handle(request: ServerRequest): Promise<ServerReply>;
  close(): Promise<void>;
}

/** The name of the header that carries the correlation id on every answer. */
export const correlationHeader = "x-correlation-id";
