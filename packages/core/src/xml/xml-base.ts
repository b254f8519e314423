/**
 * Resolves a reference for `xml:base` fix-up in Canonical XML 1.1 (section 2.4): RFC 3986 section 5.2 with the changes that let
 * the base be relative and keep leading `..` segments.
 */
export function joinReferences(base: string, reference: string): string {
  const r = split(reference);
  const b = split(base);
  if (r.scheme !== undefined) return join({ ...r, path: removeDotSegments(r.path), fragment: undefined });
  if (r.authority !== undefined)
    return join({ ...r, scheme: b.scheme, path: removeDotSegments(r.path), fragment: undefined });
  const scheme = b.scheme;
  const authority = b.authority;
  if (r.path === "")
    return join({ scheme, authority, path: removeDotSegments(b.path), query: r.query ?? b.query, fragment: undefined });
  if (r.path.startsWith("/"))
    return join({ scheme, authority, path: removeDotSegments(r.path), query: r.query, fragment: undefined });
  return join({ scheme, authority, path: removeDotSegments(merge(b, r.path)), query: r.query, fragment: undefined });
}

interface Parts {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

function split(reference: string): Parts {
  let rest = reference;
  let fragment: string | undefined;
  let query: string | undefined;
  let scheme: string | undefined;
  let authority: string | undefined;
  const hash = rest.indexOf("#");
  if (hash >= 0) {
    fragment = rest.slice(hash + 1);
    rest = rest.slice(0, hash);
  }
  const question = rest.indexOf("?");
  if (question >= 0) {
    query = rest.slice(question + 1);
    rest = rest.slice(0, question);
  }
  const colon = rest.indexOf(":");
  if (colon > 0 && /^[A-Za-z][A-Za-z0-9+.-]*$/.test(rest.slice(0, colon))) {
    scheme = rest.slice(0, colon);
    rest = rest.slice(colon + 1);
  }
  if (rest.startsWith("//")) {
    const end = rest.indexOf("/", 2);
    authority = rest.slice(2, end < 0 ? undefined : end);
    rest = end < 0 ? "" : rest.slice(end);
  }
  return { scheme, authority, path: rest, query, fragment };
}

function join({ scheme, authority, path, query }: Parts): string {
  let text = "";
  if (scheme !== undefined) text += `${scheme}:`;
  if (authority !== undefined) text += `//${authority}`;
  text += path;
  if (query !== undefined) text += `?${query}`;
  return text;
}

/** RFC 3986 section 5.2.3; a base that ends in `..` counts as a directory (Canonical XML 1.1, section 2.4). */
function merge(base: Parts, path: string): string {
  if (base.authority !== undefined && base.path === "") return `/${path}`;
  const basePath = base.path === ".." || base.path.endsWith("/..") ? `${base.path}/` : base.path;
  return basePath.slice(0, basePath.lastIndexOf("/") + 1) + path;
}

/** Canonical XML 1.1, Appendix A: leading `..` segments of a relative path stay, runs of `/` become one, a final `..` gets its `/`. */
export function removeDotSegments(path: string): string {
  const rooted = path.startsWith("/");
  const kept: string[] = [];
  let directory = false;
  const segments = path.split("/");
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as string;
    directory = i === segments.length - 1 && (segment === "" || segment === "." || segment === "..");
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.length > 0 && kept[kept.length - 1] !== "..") kept.pop();
    else if (!rooted) kept.push(segment);
  }
  if (kept.length === 0) return rooted ? "/" : "";
  return (rooted ? "/" : "") + kept.join("/") + (directory ? "/" : "");
}
