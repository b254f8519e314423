import type { Transport } from "@countersign/core/adapter";
import type { SoapVersion } from "../../support/messages.js";

/** A request as an attacker sends it. */
export interface Sent {
  readonly soap: SoapVersion;
  readonly body: string | Uint8Array;
  /** Header lines besides Content-Type, or instead of it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the adapter says of the connection. Default: TLS, without a certificate. */
  readonly transport?: Partial<Transport>;
}
