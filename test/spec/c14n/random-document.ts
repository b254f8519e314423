import fc from "fast-check";

/** Prefixes and namespaces are few, so that they collide, hide each other and are declared again. */
const prefixes = ["", "a", "b", "ab", "c"];
// A namespace with "&" in it is left out: libxml2 2.9 to 2.14 write it unescaped.
const namespaces = ["urn:one", "urn:two", "http://example.com/a?b=1", "urn:one:longer", "urn:&#x6F;ne"];
const localNames = ["x", "y", "item", "Id", "é", "名", "x-1.z"];
const texts = [
  "plain",
  " ",
  "\n  ",
  "\r\n",
  "\r",
  "é名😀",
  "&amp;",
  "&lt;",
  "&gt;",
  ">",
  "&quot;",
  "&apos;",
  "&#13;",
  "&#xD;",
  "&#x41;",
  "&#128512;",
  "]]",
  "]",
  "\t",
  "'",
  '"',
  "<![CDATA[<&>]]>",
  "<![CDATA[]]>",
  "<![CDATA[\r\n]]]]>",
  "<!-- note -->",
  "<!---->",
  "<!-- \r\n> -->",
];
const values = [
  "",
  "v",
  " two  words ",
  "&quot;",
  "&apos;",
  "&amp;&lt;&gt;",
  ">",
  "\t",
  "\n",
  "\r\n",
  "\r",
  "&#9;&#10;&#13;",
  "&#xA;",
  "é😀",
  "&#233;",
];

/** How one attribute or declaration is written. */
const spelling = fc.record({
  gap: fc.constantFrom(" ", " ", " ", "  ", "\n", "\t\r\n "),
  equals: fc.constantFrom("=", "=", "=", " = ", "=\n"),
  quote: fc.constantFrom('"', '"', "'"),
});

interface Scope {
  readonly [prefix: string]: string;
}

interface Node {
  readonly prefix: string;
  readonly local: string;
  readonly declare: readonly { prefix: string; namespace: string; undo: boolean }[];
  readonly attributes: readonly { prefix: string; local: string; value: string }[];
  readonly shuffle: number;
  readonly spellings: readonly { gap: string; equals: string; quote: string }[];
  readonly tail: { start: string; end: string; empty: boolean };
  readonly content: readonly (string | Node)[];
}

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record({
    prefix: fc.constantFrom(...prefixes),
    local: fc.constantFrom(...localNames),
    declare: fc.array(
      fc.record({
        prefix: fc.constantFrom(...prefixes),
        namespace: fc.constantFrom(...namespaces),
        undo: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
      }),
      { maxLength: 3 },
    ),
    attributes: fc.array(
      fc.record({
        prefix: fc.constantFrom("", "", ...prefixes, "xml"),
        local: fc.constantFrom(...localNames),
        value: fc.array(fc.constantFrom(...values), { maxLength: 3 }).map((all) => all.join("")),
      }),
      { maxLength: 4 },
    ),
    shuffle: fc.nat({ max: 11 }),
    spellings: fc.array(spelling, { minLength: 7, maxLength: 7 }),
    tail: fc.record({
      start: fc.constantFrom("", "", "", " ", "\n"),
      end: fc.constantFrom("", "", "", " ", "\r\n"),
      empty: fc.boolean(),
    }),
    content: fc.array(fc.oneof({ depthSize: "small", maxDepth: 5 }, fc.constantFrom(...texts), tie("node")), {
      maxLength: 6,
    }),
  }),
}));

/** Writes a node under the declarations around it: what it uses and nobody declared, it declares itself. */
function write(item: Node, scope: Scope): string {
  const declared = new Map<string, string>();
  for (const { prefix, namespace, undo } of item.declare) declared.set(prefix, undo && prefix === "" ? "" : namespace);
  const used = [item.prefix, ...item.attributes.map(({ prefix }) => prefix)];
  for (const prefix of used) {
    if (prefix !== "" && prefix !== "xml" && scope[prefix] === undefined && !declared.has(prefix))
      declared.set(prefix, "urn:one");
  }
  const inner: Scope = { ...scope, ...Object.fromEntries(declared) };
  const parts = [...declared].map(
    ([prefix, namespace]) => [prefix === "" ? "xmlns" : `xmlns:${prefix}`, namespace] as const,
  );
  const taken = new Set<string>();
  const attributes: (readonly [string, string])[] = [];
  for (const { prefix, local, value } of item.attributes) {
    const namespace = prefix === "" ? "" : prefix === "xml" ? "xml" : expanded(inner[prefix] ?? "");
    if (taken.has(`${namespace} ${local}`)) continue;
    taken.add(`${namespace} ${local}`);
    attributes.push([prefix === "" ? local : `${prefix}:${local}`, value]);
  }
  const all = item.shuffle % 3 === 0 ? [...attributes, ...parts] : [...parts, ...attributes];
  if (item.shuffle % 2 === 0) all.reverse();
  const name = item.prefix === "" ? item.local : `${item.prefix}:${item.local}`;
  let tag = `<${name}`;
  all.forEach(([attribute, value], index) => {
    const { gap, equals, quote } = item.spellings[index % item.spellings.length] as Node["spellings"][number];
    tag += `${gap}${attribute}${equals}${quote}${value}${quote}`;
  });
  tag += item.tail.start;
  if (item.content.length === 0 && item.tail.empty) return `${tag}/>`;
  const content = item.content.map((child) => (typeof child === "string" ? child : write(child, inner))).join("");
  // "]]" and ">" of two neighbours would make the one sequence that text must not have.
  return `${tag}>${content.replace(/\]\]>/g, (found, at: number) => (closesSection(content, at) ? found : "]] >"))}</${name}${item.tail.end}>`;
}

function expanded(namespace: string): string {
  return namespace.replace("&#x6F;", "o");
}

/** Whether the "]]>" at an offset ends a CDATA section. */
function closesSection(content: string, at: number): boolean {
  let p = 0;
  for (;;) {
    const open = content.indexOf("<![CDATA[", p);
    if (open < 0 || open > at) return false;
    const close = content.indexOf("]]>", open + 9);
    if (close === at) return true;
    p = close + 3;
  }
}

/** A namespace-well-formed document in any spelling, with comments around its root element. */
export const randomDocument = fc
  .record({
    root: node,
    before: fc.constantFrom(
      "",
      '<?xml version="1.0"?>',
      '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n',
      "<!--b\r\n-->",
      "\ufeff",
    ),
    after: fc.constantFrom("", "\n", "<!--a-->", "\n<!--a1--> <!--a2-->\r\n"),
  })
  .map(({ root, before, after }) => `${before}${write(root, {})}${after}`);
