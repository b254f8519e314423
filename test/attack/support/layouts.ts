import { hashOf, type SignatureAlgorithmName, signWith } from "../../support/algorithms.js";
import { libxml2Canonical } from "../../support/libxml2.js";
import { namespaces } from "../../support/namespaces.js";
import type { SignatureRecord } from "../../support/signature.js";
import { replaced } from "./edit.js";
import type { Random } from "./random.js";

/*
 * Other ways to write a message that says the same. `renamed` changes what is signed, so that the message is signed again;
 * `rewritten` changes nothing in any canonical form without comments.
 */

const assertion = /<saml2?:Assertion [\s\S]*<\/saml2?:Assertion>/;
const fixed = ["soap", "env", "wsu"];
const free = ["wsse", "ds", "o"];

/**
 * The message with other prefixes, one of them the empty one now and then, signed again. An assertion stays as its issuer
 * made it.
 */
export function renamed(text: string, record: SignatureRecord, random: Random): string {
  const held = assertion.exec(text)?.[0] ?? "";
  const bare = random(3) === 0 ? random.pick(free) : undefined;
  const names = ["s", "S", "SOAP-ENV", "a", "ns1", "_", "é", "x.y-z", "env1", "u"];
  let made = text.replace(assertion, "<HELD/>");
  for (const prefix of [...fixed, ...free]) {
    const name = `${random.pick(names)}${fixed.concat(free).indexOf(prefix)}`;
    const to = prefix === bare ? "" : `${name}:`;
    made = made.replace(/<[^>]*>/g, (tag) =>
      tag
        .replace(new RegExp(`^(</?)${prefix}:`), `$1${to}`)
        .replace(new RegExp(`(\\s)${prefix}:`, "g"), `$1${to}`)
        .replace(`xmlns:${prefix}=`, prefix === bare ? "xmlns=" : `xmlns:${name}=`),
    );
  }
  return signedAgain(
    made.replace("<HELD/>", () => held),
    record,
  );
}

/** Puts new digests and a new value in the place of those in the record; elements are found by namespace and id. */
function signedAgain(text: string, { references, value, algorithm, digest, signer }: SignatureRecord): string {
  let made = text;
  for (const { uri, octets } of references) {
    const id = uri.slice(1);
    const at = { xpath: `//*[@wsu:Id="${id}" or @ID="${id}" or @AssertionID="${id}"]`, namespaces };
    const now = Buffer.from(libxml2Canonical(made, { method: "exclusive" }, at));
    made = replaced(made, hashOf(digest, octets).toString("base64"), hashOf(digest, now).toString("base64"));
  }
  const old = value.toString("base64");
  const at = { xpath: `//ds:Signature[ds:SignatureValue="${old}"]/ds:SignedInfo`, namespaces };
  const signedInfo = Buffer.from(libxml2Canonical(made, { method: "exclusive" }, at));
  return replaced(made, old, sign(algorithm, signer, signedInfo).toString("base64"));
}

const sign = (algorithm: SignatureAlgorithmName, { privateKey }: SignatureRecord["signer"], octets: Buffer) =>
  signWith(algorithm, privateKey, octets);

/** Elements whose content is text and nothing else. */
const plain =
  /(?:DigestValue|SignatureValue|X509Certificate|BinarySecurityToken|KeyIdentifier|Password|Nonce|Username|Created)$/;
/** Elements that no signature covers, and white space in which says nothing. */
const loose = /(?:^|:)(?:Envelope|Header|Security|Signature|KeyInfo|SecurityTokenReference)$/;

/** The text written otherwise: order and quotes of attributes, white space, empty tags, references, CDATA and comments. */
export function rewritten(text: string, random: Random): string {
  const open: string[] = [];
  let protectedDepth = 0;
  return text
    .split(/(<[^>]*>)/)
    .map((piece) => {
      const name = /^<\/?([^\s/>]+)/.exec(piece)?.[1] ?? "";
      if (piece.startsWith("</")) {
        open.pop();
        if (protectedDepth > 0) protectedDepth--;
        return `</${name}${random(6) === 0 ? random.pick([" ", "\n"]) : ""}>`;
      }
      if (!piece.startsWith("<")) return characters(piece, open.at(-1) ?? "", protectedDepth > 0, random);
      open.push(name);
      // Inside an assertion its own signature counts: nothing there is loose.
      if (protectedDepth > 0 || /^saml2?:Assertion$/.test(name)) protectedDepth++;
      return startTag(piece, random);
    })
    .join("")
    .replace(/<([^\s/>]+)([^<>]*)><\/\1>/g, (found, name: string, rest: string) =>
      random(2) === 0 ? `<${name}${rest}/>` : found,
    );
}

function startTag(tag: string, random: Random): string {
  const attributes = [...tag.matchAll(/\s+([^\s=]+)="([^"]*)"/g)].map(([, name, value]) => {
    const quote = !value?.includes("'") && random(3) === 0 ? "'" : '"';
    const equals = random(8) === 0 ? " = " : "=";
    return `${name}${equals}${quote}${referenced(value ?? "", random)}${quote}`;
  });
  for (let i = attributes.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [attributes[i], attributes[j]] = [attributes[j] ?? "", attributes[i] ?? ""];
  }
  const name = /^<([^\s>]+)/.exec(tag)?.[1] ?? "";
  const space = () => (random(6) === 0 ? random.pick(["\n  ", "\t", "  ", "\r\n"]) : " ");
  return `<${name}${attributes.map((attribute) => space() + attribute).join("")}${random(8) === 0 ? " " : ""}>`;
}

/** A character now and then as a reference. */
function referenced(value: string, random: Random): string {
  if (value === "" || random(6) !== 0) return value;
  const at = random(value.length);
  const character = value.charAt(at);
  return /[A-Za-z0-9]/.test(character) && !/&[^;]*$/.test(value.slice(0, at))
    ? `${value.slice(0, at)}&#${random(2) === 0 ? character.charCodeAt(0) : `x${character.charCodeAt(0).toString(16)}`};${value.slice(at + 1)}`
    : value;
}

function characters(text: string, parent: string, inAssertion: boolean, random: Random): string {
  if (plain.test(parent)) return referenced(text, random);
  const choice = random(8);
  if (choice === 0) return `${text}<!-- ${random(1000)} -->`;
  if (text === "") return choice < 3 && !inAssertion && loose.test(parent) ? random.pick([" ", "\n", "\r\n\t"]) : "";
  if (choice === 1 && !text.includes("&")) return `<![CDATA[${text}]]>`;
  if (choice === 2) return `${text.slice(0, 1)}<!---->${text.slice(1)}`.replace(/^&<!---->/, "<!---->&");
  return referenced(text, random);
}
