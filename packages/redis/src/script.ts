import { createHash } from "node:crypto";

/** A script that Redis runs in one step: nothing else happens there meanwhile. */
export interface Script {
  readonly source: string;
  /** SHA-1 of the source, by which Redis knows it. */
  readonly sha: string;
  /** Whether asking twice with the same arguments is the same as asking once. Only then is an unanswered call repeated. */
  readonly repeatable: boolean;
}

/** Makes a script of Lua source. */
export function script(source: string, repeatable: boolean): Script {
  return Object.freeze({ source, sha: createHash("sha1").update(source).digest("hex"), repeatable });
}

/** Redis's own time in milliseconds: one clock for all nodes. */
export const serverTime = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function whole(number) return string.format('%.0f', number) end
`;
