import { type ErrorCode, refuse } from "../errors/index.js";
import { placeOf } from "./place.js";
import { scratch } from "./scratch.js";
import { elementAfter, elementName, elementParent, elementStart, elementWidth } from "./tape.js";

/** Refuses the message being scanned, at an offset: nothing of the tape outlives the error but a few integers. */
export function refuseAt(code: ErrorCode, offset: number, reason: string, remedy: string, rule?: string): never {
  const { octets } = scratch;
  const path = openPath();
  refuse(code, reason, { place: () => placeOf({ octets, offset, path }), remedy, ...(rule === undefined ? {} : { rule }) });
}

export function malformedAt(offset: number, reason: string, remedy: string, rule?: string): never {
  refuseAt("ERR_XML_MALFORMED", offset, reason, remedy, rule);
}

export function forbiddenAt(offset: number, reason: string, remedy: string, rule?: string): never {
  refuseAt("ERR_XML_FORBIDDEN", offset, reason, remedy, rule);
}

/** Refuses a message that passes a limit of {@link XmlLimits}. */
export function limitAt(offset: number, what: string, limit: number, option: string): never {
  const remedy = `Send a smaller message, or raise the limit "${option}".`;
  refuseAt("ERR_XML_LIMIT", offset, `The message has ${what} than ${limit}.`, remedy);
}

/** Start offsets and sibling numbers of the open elements, from the root. */
function openPath(): number[] {
  const { elements, open, depth, elementCount } = scratch;
  const path: number[] = [];
  for (let level = 0; level < depth; level++) {
    const row = open[level] as number;
    const name = elements[row + elementName];
    const parent = elements[row + elementParent] as number;
    let number = 1;
    if (parent >= 0) {
      const end = Math.min(row / elementWidth, elementCount);
      for (let sibling = parent + 1; sibling < end; sibling = elements[sibling * elementWidth + elementAfter] as number) {
        if (elements[sibling * elementWidth + elementName] === name) number++;
      }
    }
    path.push(elements[row + elementStart] as number, number === 1 ? 0 : number);
  }
  return path;
}
