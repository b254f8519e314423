import { type ErrorCode, refuse } from "../errors/index.js";
import { placeOf } from "./place.js";
import { scratch } from "./scratch.js";
import { elementAfter, elementName, elementParent, elementShift, elementStart } from "./tape.js";

/** Refuses the message being scanned, at an offset: nothing of the tape outlives the error but a few integers. */
export function refuseAt(code: ErrorCode, offset: number, reason: string, remedy: string, rule?: string): never {
  const { octets } = scratch;
  const path = openPath();
  refuse(code, reason, {
    place: () => placeOf({ octets, offset, path }),
    remedy,
    ...(rule === undefined ? {} : { rule }),
  });
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
  const { elements } = scratch;
  const path: number[] = [];
  for (let row = scratch.open; row >= 0; ) {
    const name = elements[row + elementName];
    const parent = elements[row + elementParent] as number;
    let number = 1;
    for (let sibling = (parent + 1) << elementShift; parent >= 0 && sibling < row; ) {
      if (elements[sibling + elementName] === name) number++;
      sibling = (elements[sibling + elementAfter] as number) << elementShift;
    }
    path.unshift(elements[row + elementStart] as number, number === 1 ? 0 : number);
    row = parent << elementShift;
  }
  return path;
}
