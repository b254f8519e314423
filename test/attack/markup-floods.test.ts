import { describe } from "vitest";
import { attack } from "./attack.js";
import { around, flood, raw, times } from "./support/flood.js";

/*
 * Markup that makes a careless parser loop, expand or fetch.
 */

describe("markup", () => {
  const laughs = `<!DOCTYPE a [<!ENTITY l0 "ha">${times(20, (i) => `<!ENTITY l${i + 1} "&l${i};&l${i};">`)}]><a>&l20;</a>`;
  attack(
    "K11",
    "billion laughs",
    flood(1, () => raw(laughs)),
  );
  attack(
    "K11",
    "quadratic blow-up",
    flood(50_000, (length) => raw(`<!DOCTYPE a [<!ENTITY e "${"e".repeat(length)}">]><a>${"&e;".repeat(length)}</a>`)),
  );
  attack(
    "K11",
    "an endless external entity",
    flood(1, () => raw('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///dev/urandom">]><a>&e;</a>')),
  );
  attack(
    "K11",
    "an external parameter entity",
    flood(1, () => raw('<!DOCTYPE a [<!ENTITY % e SYSTEM "http://192.0.2.1/"> %e;]><a/>')),
  );
  attack(
    "K12",
    "<",
    flood(20_000, (count) => raw(`${"<".repeat(count)}>`)),
  );
  attack(
    "K12",
    "< in the Body",
    flood(200_000, (count) => around("<".repeat(count))),
  );
  for (const piece of [
    "<a",
    "<a ",
    "<!",
    "<!-",
    "<!--",
    "<![CDATA[",
    "<?",
    "</",
    "&",
    "&#",
    "<a b",
    '<a b="',
    "<!-- -->-",
  ]) {
    attack(
      "K12",
      `${piece} over and over`,
      flood(50_000, (count) => around(piece.repeat(count))),
    );
  }
  attack(
    "K13",
    "an open processing instruction",
    flood(400_000, (length) => around(`<?p ${"x".repeat(length)}`)),
  );
  attack(
    "K13",
    "an open processing instruction of question marks",
    flood(400_000, (length) => around(`<?p ${"?".repeat(length)}`)),
  );
  attack(
    "K13",
    "an open comment",
    flood(400_000, (length) => around(`<!-- ${"- ".repeat(length / 2)}`)),
  );
  attack(
    "K13",
    "an open CDATA section",
    flood(400_000, (length) => around(`<![CDATA[${"]".repeat(length)}`)),
  );
  attack(
    "K13",
    "white space in an end tag",
    flood(400_000, (length) => around(`<a></a${" ".repeat(length)}x>`)),
  );
  attack(
    "K13",
    "white space in a start tag",
    flood(400_000, (length) => around(`<a${" ".repeat(length)}<`)),
  );
  attack(
    "K13",
    "white space before the Envelope",
    flood(400_000, (length) => raw(`${" ".repeat(length)}x>`)),
  );
  attack(
    "K13",
    "white space in an XML declaration",
    flood(400_000, (length) => raw(`<?xml ${" ".repeat(length)}>`)),
  );
});
