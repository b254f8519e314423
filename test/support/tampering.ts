import { type HttpRequest, type HttpResponse, type HttpTransport, NodeHttpTransport } from "@countersign/client";

/** A change on the way: the first element of a local name gets another text. */
export interface Tampering {
  readonly element: string;
  readonly value: string;
}

/** Octets with the change. */
export function tamper(octets: Uint8Array, { element, value }: Tampering): Buffer {
  const text = Buffer.from(octets).toString();
  const changed = text.replace(new RegExp(`(<(?:[\\w-]+:)?${element}(?:\\s[^>]*)?>)[^<]*`), `$1${value}`);
  if (changed === text) throw new TypeError(`there is no ${element} to tamper with in ${text}`);
  return Buffer.from(changed);
}

/** A man in the middle: node:https, with changes to what is sent and received; what establishes a security context passes. */
export class TamperingTransport implements HttpTransport {
  readonly #transport: NodeHttpTransport;
  /** What is changed from now on. */
  request: Tampering | undefined;
  reply: Tampering | undefined;
  /** The last answer, as it came. */
  answer = "";

  /** @param ca PEM of the authorities that may have issued servers' certificates. */
  constructor(ca: string | readonly string[]) {
    this.#transport = new NodeHttpTransport({ ca });
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const passes = Buffer.from(request.body).includes("RequestSecurityToken>");
    const body = this.request === undefined || passes ? request.body : tamper(request.body, this.request);
    const response = await this.#transport.send({ ...request, body });
    this.answer = Buffer.from(response.body).toString();
    return this.reply === undefined || passes ? response : { ...response, body: tamper(response.body, this.reply) };
  }

  close(): void {
    this.#transport.close();
  }
}
