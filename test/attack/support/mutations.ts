import { namespaces } from "../../support/namespaces.js";
import { attributesOf, type ElementRange, elementsOf } from "./elements.js";
import type { Random } from "./random.js";

/*
 * Ways to change a message without a key. Texts are octets of UTF-8 as characters of Latin-1, so that a change may split a
 * character. Each mutation returns the changed text, or the same one where it finds nothing to change.
 */

/** Changes a text; `donor` is another genuine message of the same kind. */
export type Mutation = (text: string, random: Random, donor: string) => string;

const put = (text: string, at: number, what: string) => text.slice(0, at) + what + text.slice(at);
const without = (text: string, start: number, end: number) => text.slice(0, start) + text.slice(end);
const inPlace = (text: string, start: number, end: number, by: string) => text.slice(0, start) + by + text.slice(end);
const outer = (text: string, { start, end }: ElementRange) => text.slice(start, end);

/** A place between two tags: before an element, behind it, or at either end of its content. */
const boundary = ({ start, end, contentStart, contentEnd }: ElementRange, random: Random) =>
  random.pick([start, end, contentStart, contentEnd]);

/** A mutation of one element, where there is any. */
const ofElement =
  (
    change: (text: string, element: ElementRange, random: Random, elements: readonly ElementRange[]) => string,
  ): Mutation =>
  (text, random) => {
    const elements = elementsOf(text);
    return elements.length === 0 ? text : change(text, random.pick(elements), random, elements);
  };

/** A mutation of one attribute, of those whose names fit. */
const ofAttribute =
  (wanted: RegExp, change: (value: string, random: Random, all: readonly string[]) => string): Mutation =>
  (text, random) => {
    const all = elementsOf(text)
      .flatMap((element) => attributesOf(text, element))
      .filter(({ name }) => wanted.test(name));
    if (all.length === 0) return text;
    const { valueStart, valueEnd } = random.pick(all);
    const values = all.map((one) => text.slice(one.valueStart, one.valueEnd));
    return inPlace(text, valueStart, valueEnd, change(text.slice(valueStart, valueEnd), random, values));
  };

/** A mutation at some place in the text of an element. */
const inText = (insert: (random: Random) => string): Mutation =>
  ofElement((text, element, random) => {
    const { contentStart, contentEnd } = element;
    return put(text, contentStart + random(contentEnd - contentStart + 1), insert(random));
  });

const changedCharacter = (value: string, random: Random): string => {
  if (value === "") return "x";
  const at = random(value.length);
  return inPlace(value, at, at + 1, random.pick([..."aZ09+/=#-_ "]));
};

const uris = [
  `${namespaces.ec}`,
  `${namespaces.ec}WithComments`,
  "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
  `${namespaces.ds}enveloped-signature`,
  `${namespaces.ds}rsa-sha1`,
  `${namespaces.ds}sha1`,
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
  "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
  "http://www.w3.org/2001/04/xmlenc#sha512",
  "http://www.w3.org/TR/1999/REC-xpath-19991116",
];

const prefixes = Object.keys(namespaces);

/** Every mutation by its name. */
export const mutations: Readonly<Record<string, Mutation>> = {
  "flip a bit": (text, random) => {
    const at = random(text.length);
    return inPlace(text, at, at + 1, String.fromCharCode(text.charCodeAt(at) ^ (1 << random(8))));
  },
  "change an octet": (text, random) => {
    const at = random(text.length);
    return inPlace(text, at, at + 1, String.fromCharCode(random(256)));
  },
  "drop some octets": (text, random) => {
    const at = random(text.length);
    return without(text, at, at + 1 + random(20));
  },
  "repeat some octets": (text, random) => {
    const at = random(text.length);
    return put(text, at, text.slice(at, at + 1 + random(200)));
  },
  "cut the end off": (text, random) => text.slice(0, text.length - 1 - random(60)),
  "duplicate an element": ofElement((text, element, random, elements) =>
    put(text, boundary(random.pick(elements), random), outer(text, element)),
  ),
  "duplicate a child of the Security header": (text, random) => {
    const parts = childrenOf(text, "Security");
    return parts.length === 0 ? text : put(text, boundary(random.pick(parts), random), outer(text, random.pick(parts)));
  },
  "move an element": ofElement((text, element, random, elements) => {
    const others = elements.filter(({ start, end }) => end <= element.start || start >= element.end);
    if (others.length === 0) return text;
    const to = boundary(random.pick(others), random);
    const moved = outer(text, element);
    const { start, end } = element;
    return to <= start ? put(without(text, start, end), to, moved) : without(put(text, to, moved), start, end);
  }),
  "delete an element": ofElement((text, { start, end }) => without(text, start, end)),
  "swap two elements": ofElement((text, one, random, elements) => {
    const others = elements.filter(({ start }) => start >= one.end);
    if (others.length === 0) return text;
    const other = random.pick(others);
    return inPlace(inPlace(text, other.start, other.end, outer(text, one)), one.start, one.end, outer(text, other));
  }),
  "reorder the header": (text, random) => shuffled(text, childrenOf(text, random.pick(["Header", "Security"])), random),
  "reorder the children of an element": ofElement((text, { children }, random) => shuffled(text, children, random)),
  "wrap an element": ofElement((text, element, random) =>
    inPlace(
      text,
      element.start,
      element.end,
      `<x:Wrap xmlns:x="urn:x">${outer(text, element)}</x:Wrap>${random(2) === 0 ? outer(text, element) : ""}`,
    ),
  ),
  "hide a signed part": (text, random, donor) => {
    const elements = elementsOf(text);
    const signed = elements.filter((element) => attributesOf(text, element).some(({ name }) => /Id$|ID$/.test(name)));
    if (signed.length === 0) return text;
    const bodies = signed.filter(({ name }) => name.endsWith(":Body"));
    const part = random.pick(random(2) === 0 && bodies.length > 0 ? bodies : signed);
    const theirs = elementsOf(donor).filter(({ name }) => name === part.name);
    const stood = random.pick([outer(text, part), ...theirs.map((one) => outer(donor, one))]);
    const evil = stood.replace(/A-100001|alice|T\d\d:/, "evil");
    const named = evil.replace(/(Id|ID)="[^"]*"/, '$1="X"');
    const placed = random.pick([evil, named, evil.replace(/ (wsu:)?(Id|ID)="[^"]*"/, "")]);
    const hidden = random.pick([outer(text, part), `<x:Wrap xmlns:x="urn:x">${outer(text, part)}</x:Wrap>`]);
    const blocks = childrenOf(text, "Header");
    const to = boundary(random.pick(random(2) === 0 && blocks.length > 0 ? blocks : elements), random);
    const { start, end } = part;
    if (to > start && to < end) return text;
    return to <= start
      ? put(inPlace(text, start, end, placed), to, hidden)
      : inPlace(put(text, to, hidden), start, end, placed);
  },
  "unwrap an element": ofElement((text, { start, end, contentStart, contentEnd }) =>
    inPlace(text, start, end, text.slice(contentStart, contentEnd)),
  ),
  "take an element of another message": (text, random, donor) => {
    const mine = elementsOf(text);
    const theirs = elementsOf(donor);
    if (mine.length === 0 || theirs.length === 0) return text;
    const element = random.pick(mine);
    const same = theirs.filter(({ name }) => name === element.name);
    if (same.length === 0) return text;
    return inPlace(text, element.start, element.end, outer(donor, random.pick(same)));
  },
  "add an element of another message": (text, random, donor) => {
    const mine = elementsOf(text);
    const theirs = elementsOf(donor);
    if (mine.length === 0 || theirs.length === 0) return text;
    return put(text, boundary(random.pick(mine), random), outer(donor, random.pick(theirs)));
  },
  "rename an element": ofElement((text, { start, end, name, contentStart, contentEnd }, random) => {
    const renamed = random.pick([
      name.replace(/^.*:/, ""),
      `${random.pick(prefixes)}:${name.replace(/^.*:/, "")}`,
      `${name}x`,
    ]);
    const tag = text.slice(start, contentStart).replace(name, renamed);
    const endTag = text.slice(contentEnd, end).replace(name, renamed);
    return inPlace(text, start, end, tag + text.slice(contentStart, contentEnd) + endTag);
  }),
  "change a value": ofAttribute(/^(?!xmlns)/, changedCharacter),
  "exchange two values": ofAttribute(/^(?!xmlns)/, (_, random, all) => random.pick(all)),
  "exchange two identifiers": ofAttribute(/Id$|ID$/, (_, random, all) => random.pick(all)),
  "change an identifier": ofAttribute(/Id$|ID$/, (value, random) => random.pick([`${value}x`, "", "Body-1", "X"])),
  "point elsewhere": ofAttribute(/^URI$/, (_, random, all) =>
    random.pick([
      ...all,
      "",
      "#",
      "#TS-1",
      "#Body-1",
      "#SIG-1",
      "#X509-1",
      "#_assertion-1",
      "#xpointer(/)",
      "http://192.0.2.1/",
    ]),
  ),
  "change an algorithm": ofAttribute(/^Algorithm$/, (_, random, all) => random.pick([...all, ...uris])),
  "change a type": ofAttribute(/Type$|^Format$|^Method$/, (_, random, all) => random.pick([...all, "urn:x", ""])),
  "drop an attribute": ofElement((text, element, random) => {
    const all = attributesOf(text, element);
    if (all.length === 0) return text;
    const { start, end } = random.pick(all);
    return without(text, start, end);
  }),
  "add an attribute": ofElement((text, { start, name }, random) =>
    put(
      text,
      start + 1 + name.length,
      random.pick([
        ' x="1"',
        ' wsu:Id="X"',
        ' Id="X"',
        ' ID="X"',
        ' wsu:Id="Body-1"',
        ' Id="Body-1"',
        ' ID="_assertion-1"',
        ' xml:id="Body-1"',
        ' soap:actor="urn:x"',
        ' soap:mustUnderstand="0"',
        ' xsi:nil="true"',
        ' xml:lang="en"',
        ' xml:base="http://x/"',
        ` xmlns:xsi="${namespaces.xsi}" xsi:nil="true"`,
        ` xmlns:xsi="${namespaces.xsi}" xsi:type="wsu:X"`,
      ]),
    ),
  ),
  "declare a namespace": ofElement((text, { start, name }, random) =>
    put(
      text,
      start + 1 + name.length,
      ` xmlns:${random.pick(prefixes)}="${random.pick([...Object.values(namespaces), "urn:x", "", "x"])}"`,
    ),
  ),
  "declare a default namespace": ofElement((text, { start, name }, random) =>
    put(text, start + 1 + name.length, ` xmlns="${random.pick([...Object.values(namespaces), "urn:x", ""])}"`),
  ),
  "change a namespace": ofAttribute(/^xmlns/, (value, random, all) => random.pick([...all, `${value}x`, "urn:x", ""])),
  "insert a comment": inText((random) => random.pick(["<!---->", "<!--x-->", "<!-- <soap:Body> -->"])),
  "insert a CDATA section": inText((random) =>
    random.pick(["<![CDATA[]]>", "<![CDATA[x]]>", "<![CDATA[ ]]>", "<![CDATA[<x/>]]>"]),
  ),
  "insert a reference": inText((random) =>
    random.pick(["&#32;", "&#x9;", "&#13;", "&amp;", "&lt;", "&x;", "&#0;", "&#x200B;"]),
  ),
  "insert an instruction": inText(() => "<?p x?>"),
  "insert a declaration": (text, random) =>
    put(text, random(2) === 0 ? 0 : random(text.length), '<!DOCTYPE x [<!ENTITY x "y">]>'),
  "insert white space": inText((random) => random.pick([" ", "\n", "\r\n", "\t", "\r", "\xc2\xa0"])),
  "insert white space anywhere": (text, random) =>
    put(text, random(text.length), random.pick([" ", "\n", "\r\n", "\t"])),
  "insert text": inText((random) => random.pick(["x", "0", "=", "]]>", "\0", "\xff"])),
  "write a character as a reference": (text, random) => {
    const at = random(text.length);
    return inPlace(text, at, at + 1, `&#${text.charCodeAt(at)};`);
  },
  "make an element empty": ofElement((text, { contentStart, contentEnd }) => without(text, contentStart, contentEnd)),
  "change the text of an element": ofElement((text, { contentStart, contentEnd, children }, random) =>
    children.length > 0
      ? text
      : inPlace(text, contentStart, contentEnd, changedCharacter(text.slice(contentStart, contentEnd), random)),
  ),
  "exchange the texts of two elements": ofElement((text, one, random, elements) => {
    const leaves = elements.filter(({ children, start }) => children.length === 0 && start >= one.end);
    if (one.children.length > 0 || leaves.length === 0) return text;
    const other = random.pick(leaves);
    const [mine, theirs] = [one, other].map(({ contentStart, contentEnd }) => text.slice(contentStart, contentEnd));
    return inPlace(
      inPlace(text, other.contentStart, other.contentEnd, mine ?? ""),
      one.contentStart,
      one.contentEnd,
      theirs ?? "",
    );
  }),
};

function childrenOf(text: string, localName: string): readonly ElementRange[] {
  return elementsOf(text).find(({ name }) => name.endsWith(`:${localName}`))?.children ?? [];
}

function shuffled(text: string, parts: readonly ElementRange[], random: Random): string {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return text;
  const texts = parts.map((part) => outer(text, part));
  for (let i = texts.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [texts[i], texts[j]] = [texts[j] ?? "", texts[i] ?? ""];
  }
  return inPlace(text, first.start, last.end, texts.join(""));
}
