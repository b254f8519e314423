import type { AttackResult } from "../attack.js";
import { bounded } from "./cost.js";
import { withSignatureValue } from "./resign.js";
import { direct } from "./scenes.js";
import type { Sent } from "./sent.js";

/*
 * Floods against the route of `direct`. None of them needs a key: where there is a signature, it is a genuine one with
 * its value exchanged for garbage.
 */

const garbage = Buffer.alloc(256, 0x5a);

/** A case: shows that the genuine message is admitted, then sends the attack in two sizes. */
export const flood = (size: number, attackOf: (size: number) => Sent) => async (): Promise<AttackResult> => {
  await direct.route.admits(direct.genuine());
  return bounded(direct.route, size, attackOf);
};

/** The genuine message's text around something big in its Body, under a garbage signature. */
export const around = (content: string, change: (text: string) => string = (text) => text): Sent => {
  const { text, soap } = direct.genuine({ payload: "<x/>" });
  return { soap, body: change(withSignatureValue(text, garbage)).replace("<x/>", () => content) };
};

/** A message with a garbage signature value. */
export const spoilt = ({ text, soap }: { readonly text: string; readonly soap: Sent["soap"] }): Sent => ({
  soap,
  body: withSignatureValue(text, garbage),
});

/** Text that need not even look like a message. */
export const raw = (body: string): Sent => ({ soap: "1.1", body });

/** A text as many times, or one for each number. */
export const times = (count: number, text: string | ((i: number) => string)): string =>
  typeof text === "string" ? text.repeat(count) : Array.from({ length: count }, (_, i) => text(i)).join("");
