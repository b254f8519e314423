import { refuse } from "../errors/index.js";

/**
 * The path of a request's target in its one plain form. A path that one router reads in another way than the next (encoded
 * letters or slashes, empty and dot segments, parameters, backslashes) is refused: it could name a protected resource for
 * the service and another one for the policy server.
 * @throws ERR_HTTP_HEADERS
 */
export function plainPath(target: string): string {
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  if (path.length <= 2_048 && plain.test(path) && !path.includes("//") && !/\/\.\.?(?:\/|$)/.test(path)) {
    if (!path.includes("%") || !foldsToAscii(path)) return path;
  }
  refuse("ERR_HTTP_HEADERS", "the path of the request can be read in more than one way", {
    rule: "RFC 9110, 4.2.3",
    remedy: "Send the path without encoded letters, empty segments, dot segments and parameters.",
  });
}

/** What RFC 3986 lets stand in a path, but `;`, and encoded only what must be: controls, space, quotes, brackets, non-ASCII. */
const plain = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%(?:2[023]|3[CEF]|5[BDE]|60|7[BCD]|[89A-F][0-9A-F]))*$/;

/** Whether the path has a letter beyond ASCII that a router without regard to case takes for one of ASCII, or no UTF-8. */
function foldsToAscii(path: string): boolean {
  try {
    const letters = [...decodeURIComponent(path)].filter((letter) => letter > "\u007f");
    return letters.some((letter) => /[ -~]/.test(letter.toLowerCase() + letter.toUpperCase()));
  } catch {
    return true;
  }
}
