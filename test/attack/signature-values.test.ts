import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { type SoapMessage, x509Message } from "../support/messages.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";
import { replaced } from "./support/edit.js";
import { resigned, withSignatureValue } from "./support/resign.js";
import { direct } from "./support/scenes.js";

/*
 * Values of signatures and digests: of another length, in another encoding, or spelt in another way.
 */

const { signer, elliptic, edwards } = credentials();
const route = direct.route.with({
  trust: { certificates: [signer, elliptic, edwards].map(({ certificate }) => certificate) },
});
const rsa = () => x509Message({ signer });
const ec = () => x509Message({ signer: elliptic, algorithm: "ecdsa-sha256" });
const ed = () => x509Message({ signer: edwards, algorithm: "ed25519" });

/** A genuine message with its SignatureValue changed. */
function valued(genuine: () => SoapMessage, change: (value: Buffer) => Buffer | string): () => Promise<AttackVerdict> {
  return async () => {
    const message = genuine();
    await route.admits(message);
    const value = message.signatures[0]?.value ?? Buffer.alloc(0);
    return route.refuses({ soap: "1.1", body: withSignatureValue(message.text, change(value)) });
  };
}

/** A message whose DigestValue of the Body is changed before it is signed again. */
function digested(change: (value: string) => string): () => Promise<AttackVerdict> {
  return async () => {
    const { text } = rsa();
    await route.admits(rsa());
    const changed = replaced(text, /URI="#Body-1">[\s\S]*?<ds:DigestValue>[^<]*/, (found) =>
      found.replace(/[^>]*$/, change),
    );
    return route.refuses({ soap: "1.1", body: resigned(changed, { signer }) });
  };
}

/** A message with its token's content changed; the token is not signed. */
function certified(change: (value: string) => string): () => Promise<AttackVerdict> {
  return async () => {
    const { text } = rsa();
    await route.admits(rsa());
    const body = replaced(text, /(X509-1">)[^<]*<\/wsse:Bin/, (found) => found.replace(/[^>]+(?=<)/, change));
    return route.refuses({ soap: "1.1", body });
  };
}

describe("signature values", () => {
  const order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  attack(
    "C8",
    "zeros",
    valued(ec, () => Buffer.alloc(64)),
  );
  attack(
    "C8",
    "r of the order of the curve, s zero",
    valued(ec, () => Buffer.from(order + "00".repeat(32), "hex")),
  );
  attack(
    "C8",
    "r and s of the order of the curve",
    valued(ec, () => Buffer.from(order + order, "hex")),
  );
  attack(
    "C8",
    "one octet of zero",
    valued(ec, () => Buffer.alloc(1)),
  );
  attack(
    "C8",
    "DER",
    valued(ec, (value) => der(value)),
  );
  attack(
    "C8",
    "r and s of 48 octets",
    valued(ec, (value) =>
      Buffer.concat([Buffer.alloc(16), value.subarray(0, 32), Buffer.alloc(16), value.subarray(32)]),
    ),
  );

  for (const length of [1, 32, 255, 257, 512, 1024]) {
    attack(
      "C23",
      `SignatureValue of ${length} octets`,
      valued(rsa, (value) => Buffer.concat([value, Buffer.alloc(1024)]).subarray(0, length)),
    );
  }
  attack(
    "C23",
    "SignatureValue with a zero in front",
    valued(rsa, (value) => Buffer.concat([Buffer.alloc(1), value])),
  );
  for (const length of [1, 20, 31, 33, 64]) {
    attack(
      "C23",
      `DigestValue of ${length} octets`,
      digested(() => Buffer.alloc(length).toString("base64")),
    );
  }
  attack(
    "C23",
    "an Ed25519 value of 63 octets",
    valued(ed, (value) => value.subarray(0, 63)),
  );
});

/** Spellings that some decoder takes for the same octets. */
const spellings: Readonly<Record<string, (base64: string) => string>> = {
  "with more padding": (text) => `${text}=`,
  "with a character that is none": (text) => `${text.slice(0, 8)}!${text.slice(8)}`,
  "in the URL alphabet": (text) => text.replace(/[+/]/g, (c) => (c === "+" ? "-" : "_")),
  "with a no-break space": (text) => `${text.slice(0, 8)}\u00a0${text.slice(8)}`,
  "with padding in the middle": (text) => `${text.slice(0, 8)}=${text.slice(9)}`,
  "with a next-line character": (text) => `${text.slice(0, 8)}&#x85;${text.slice(8)}`,
};

/** Spellings of values that end with padding. */
const paddings: Readonly<Record<string, (base64: string) => string>> = {
  "without padding": (text) => text.replace(/=+$/, ""),
  "with less padding": (text) => text.replace(/=$/, ""),
  "with junk behind the padding": (text) => `${text}AAAA`,
  "with unused bits set": (text) =>
    text.replace(/(.)(=+)$/, (_, last: string, pad: string) => nextCharacter(last) + pad),
  "in percent encoding": (text) => text.replace(/=/g, "%3D"),
};

/** The next character of the base64 alphabet: the same octets where its low bits are unused. */
function nextCharacter(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return alphabet.charAt(alphabet.indexOf(character) + 1);
}

describe("base64", () => {
  for (const [title, spell] of Object.entries({ ...spellings, ...paddings })) {
    attack(
      "C24",
      `SignatureValue ${title}`,
      valued(rsa, (value) => spell(value.toString("base64"))),
    );
    attack(
      "C24",
      `DigestValue ${title}`,
      digested((value) => spell(`+${value.slice(1)}`)),
    );
  }
  for (const [title, spell] of Object.entries(spellings)) {
    attack("C24", `BinarySecurityToken ${title}`, certified(spell));
  }
  attack("C24", "white space of XML is no spelling: SignatureValue and token in lines are accepted", async (expect) => {
    const { text, signatures } = rsa();
    const lines = (value: string) => `\n${value.replace(/.{64}/g, "$&\r\n")}\t `;
    const value = signatures[0]?.value.toString("base64") ?? "";
    const written = withSignatureValue(
      replaced(text, /(X509-1">)[^<]*<\/wsse:Bin/, (found) => found.replace(/[^>]+(?=<)/, lines)),
      lines(value),
    );
    expect((await route.send({ soap: "1.1", body: written })).verdict).toBe("accepted");
    return route.refuses({ soap: "1.1", body: withSignatureValue(text, lines(value).replace("=", "")) });
  });
});

/** ECDSA-Sig-Value (RFC 3279 section 2.2.3) of r and s side by side. */
function der(value: Buffer): Buffer {
  const integers = [value.subarray(0, 32), value.subarray(32)].map((part) => {
    const padded = (part[0] ?? 0) < 0x80 ? part : Buffer.concat([Buffer.alloc(1), part]);
    return Buffer.concat([Buffer.from([2, padded.length]), padded]);
  });
  const content = Buffer.concat(integers);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
}
