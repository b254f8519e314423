import { libxml2Canonical } from "./libxml2.js";

/** Content of a Body as it is sent, and its canonical form. */
export interface HostilePayload {
  readonly asSent: string;
  readonly canonical: string;
}

/**
 * How a hostile payload is written. `variety`: some 2,000 names (1,000 in two namespaces), a namespace declaration on nearly
 * every element, attributes out of order, entity and character references. `everything`: besides those both quotes, odd white
 * space in tags and values, unused declarations, CDATA, comments and CR, so that hardly an octet is canonical as it stands.
 */
export type Hostility = "variety" | "everything";

/** A payload that is legal and makes a canonicaliser work everywhere. Its canonical form comes from libxml2. */
export function hostilePayload(octets: number, hostility: Hostility = "everything", seed = 1): HostilePayload {
  const random = generator(seed);
  const style = styles[hostility];
  const body: string[] = [];
  const open: string[] = [];
  let length = 0;
  const put = (piece: string) => {
    body.push(piece);
    length += Buffer.byteLength(piece);
  };
  while (length < octets) {
    const local = random(1000);
    const name = `p${local % 20}:n${local}`;
    const tag = startTag(name, style, random);
    if (random(4) === 0) {
      put(`${tag}${style.untidy && random(2) === 0 ? " " : ""}/>`);
    } else {
      put(`${tag}>${content(style, random)}`);
      open.push(name);
    }
    while (open.length > 12 || (open.length > 0 && random(2) === 0))
      put(`</${open.pop()}${style.untidy && random(8) === 0 ? "\n" : ""}>`);
  }
  for (const name of open.reverse()) put(`</${name}>`);
  const declarations = Array.from(
    { length: 20 },
    (_, i) => ` xmlns:p${i}="http://schemas.example.com/2026/hostile/${i}"`,
  ).join("");
  const asSent = `<p0:root${declarations}>${body.join("")}</p0:root>`;
  return { asSent, canonical: libxml2Canonical(asSent) };
}

type Random = (below: number) => number;

/** A linear congruential generator: the same payload for the same seed, everywhere. */
function generator(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

function startTag(name: string, { values, untidy }: Style, random: Random): string {
  const attributes = [`b${random(50)}=${pick(values, random)}`, `a${random(50)}=${pick(values, random)}`];
  if (random(2) === 0) attributes.unshift(`p${random(20)}:z${random(50)}="${untidy ? "&#10;x" : "x"}"`);
  if (random(8) !== 0) attributes.splice(random(3), 0, `xmlns:${declared(name, untidy ? 3 : 2, random)}`);
  return `<${name} ${attributes.join(untidy && random(6) === 0 ? "\r\n  " : " ")}`;
}

/** The element's own prefix bound again (to the same or another namespace), or a prefix nothing uses. */
function declared(name: string, choices: number, random: Random): string {
  const own = name.slice(0, name.indexOf(":"));
  const choice = random(choices);
  if (choice === 0) return `${own}="http://schemas.example.com/2026/hostile/${own.slice(1)}"`;
  if (choice === 1) return `${own}="http://schemas.example.com/2026/other/${own.slice(1)}"`;
  return `unused${random(5)}="http://schemas.example.com/2026/unused"`;
}

interface Style {
  readonly values: readonly string[];
  readonly contents: readonly string[];
  readonly untidy: boolean;
}

/** Half of them hold references; one is in single quotes, one has white space that must be normalised. */
const untidyValues = [
  '"plain"',
  '"longer, but plain all the same"',
  '"1234567"',
  '"tab\tand\nline"',
  '"this &amp; that"',
  '"&lt;b&gt;"',
  '"&#233;t&#xE9;"',
  "'it \"is\" &#x41;'",
];

const untidyContents = [
  "plain text, nothing else in it; the longest run of all, as a note to whoever packs the goods would be",
  "42",
  "caf\u00e9 &amp; th\u00e9, to be served at ten with milk &amp; sugar",
  "&#233;&#x2014;&lt;tag&gt;",
  'say "no" &apos;or&apos; &quot;yes&quot; ]]&gt;',
  "line\r\nline",
  "<![CDATA[<raw> & more]]>",
  "left<!-- between -->right",
];

const styles: Readonly<Record<Hostility, Style>> = {
  variety: {
    values: ['"plain"', '"longer, but plain all the same"', '"1234567"', '"this &amp; that"', '"&#233;t&#xE9;"'],
    contents: [
      "plain text, nothing else in it; the longest run of all, as a note to whoever packs the goods would be",
      "42",
      "caf\u00e9 &amp; th\u00e9, to be served at ten with milk &amp; sugar",
      "&#233;&#x2014;&lt;tag&gt;",
    ],
    untidy: false,
  },
  everything: { values: untidyValues, contents: untidyContents, untidy: true },
};

function content({ contents, untidy }: Style, random: Random): string {
  if (!untidy) return pick(contents, random);
  // Comments are limited to 1,000 in a message: the last kind is rarer.
  return random(8) === 0 ? pick(contents, random) : pick(contents.slice(0, -1), random);
}

function pick(list: readonly string[], random: Random): string {
  return list[random(list.length)] ?? "";
}
