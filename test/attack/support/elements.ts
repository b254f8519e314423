/** Where an element stands in a text, its tags included. */
export interface ElementRange {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Behind the start tag, before the end tag; the same place for `<a/>`. */
  readonly contentStart: number;
  readonly contentEnd: number;
  readonly children: readonly ElementRange[];
}

const markup = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[?!][^>]*>|<(\/?)([^\s/>]+)(?:"[^"]*"|'[^']*'|[^>"'])*>/g;

/**
 * The elements of a text in document order, found with little care: the text may have been mutilated before. What has no
 * end is left out.
 */
export function elementsOf(text: string): readonly ElementRange[] {
  const found: (ElementRange & { readonly children: ElementRange[] })[] = [];
  const open: { name: string; start: number; contentStart: number; children: ElementRange[] }[] = [];
  const close = (end: number, contentEnd: number) => {
    const element = open.pop();
    if (element === undefined) return;
    const range = { ...element, end, contentEnd };
    open.at(-1)?.children.push(range);
    found.push(range);
  };
  for (const match of text.matchAll(markup)) {
    const [tag, slash, name] = match;
    const end = match.index + tag.length;
    if (name === undefined) continue;
    if (slash === "/") close(end, match.index);
    else {
      open.push({ name, start: match.index, contentStart: end, children: [] });
      if (tag.endsWith("/>")) close(end, end);
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

/** An attribute in a start tag, the white space before it included. */
export interface AttributeRange {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** The attributes of an element's start tag, namespace declarations among them. */
export function attributesOf(text: string, { start, contentStart }: ElementRange): readonly AttributeRange[] {
  const tag = text.slice(start, contentStart);
  return [...tag.matchAll(/\s+([^\s=/>]+)=("[^"]*"|'[^']*')/g)].map((match) => {
    const end = start + match.index + match[0].length;
    const length = (match[2] ?? "").length;
    return {
      start: start + match.index,
      end,
      name: match[1] ?? "",
      valueStart: end - length + 1,
      valueEnd: end - 1,
    };
  });
}
