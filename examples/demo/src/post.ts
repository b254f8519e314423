import { request } from "node:https";

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Posts octets as they are: what an attacker does, who has no client to help. */
export function post(
  url: string,
  authority: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", ca: authority, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString() }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
