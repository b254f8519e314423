import { type Script, script, serverTime } from "./script.js";

/*
 * A session is a hash. Two sorted sets hold the ids of live sessions by their end: one of all, one of its user, whose name
 * stands in the hash. For a while behind its end a session is still there, so that it is told from one that never was.
 *
 * What needs memory is written first: a full Redis refuses a script at its first such command, and no more once it has
 * written. A session can be revoked even there: where no mark can be made, it goes.
 */

/** What has ended is remembered for that long, in milliseconds. */
const grace = 60_000;

const functions = `${serverTime}
local function ends(created, last, idle, max)
  return math.min(tonumber(created) + tonumber(max) * 1000, tonumber(last) + tonumber(idle) * 1000)
end
local function revoke(session)
  local marked = redis.pcall('HSET', session, 'revoked', '1')
  if type(marked) == 'table' and marked.err then redis.call('DEL', session) end
end
local function file(session, all, index, id, at, life)
  redis.call('PEXPIREAT', session, whole(at + ${grace}))
  redis.call('ZADD', all, whole(at), id)
  redis.call('ZADD', index, whole(at), id)
  if redis.call('PTTL', index) < life then redis.call('PEXPIRE', index, whole(life)) end
end
`;

/** KEYS: session, all, the user's. ARGV: id, user, data, idle, max, level, capacity, capacity of a user. */
export const createSession: Script = script(
  `${functions}
local id, idle, max = ARGV[1], ARGV[4], ARGV[5]
if redis.call('EXISTS', KEYS[1]) == 1 then return {'refused'} end
if redis.call('ZCOUNT', KEYS[3], whole(now), '+inf') >= tonumber(ARGV[8]) then return {'refused'} end
if redis.call('ZCOUNT', KEYS[2], whole(now), '+inf') >= tonumber(ARGV[7]) then return {'unavailable'} end
redis.call('HSET', KEYS[1], 'user', ARGV[2], 'data', ARGV[3], 'idle', idle, 'max', max, 'level', ARGV[6],
  'created', whole(now), 'last', whole(now), 'index', KEYS[3])
for i = 2, 3 do redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', '(' .. whole(now)) end
file(KEYS[1], KEYS[2], KEYS[3], id, ends(now, now, idle, max), tonumber(max) * 1000)
return {'live', ARGV[2], ARGV[3], idle, max, ARGV[6], whole(now), whole(now)}`,
  false,
);

/** KEYS: session, all. ARGV: id. */
export const touchSession: Script = script(
  `${functions}
local s = redis.call('HMGET', KEYS[1], 'user', 'data', 'idle', 'max', 'level', 'created', 'last', 'revoked', 'index')
local user, data, idle, max, level, created, last, revoked, index = unpack(s)
if not user then return {'unknown'} end
if revoked then return {'revoked'} end
if now >= ends(created, last, idle, max) then return {'expired'} end
last = math.max(now, tonumber(last))
redis.call('HSET', KEYS[1], 'last', whole(last))
file(KEYS[1], KEYS[2], index, ARGV[1], ends(created, last, idle, max), tonumber(max) * 1000)
return {'live', user, data, idle, max, level, created, whole(last)}`,
  true,
);

/** KEYS: session, all. ARGV: id. */
export const revokeSession: Script = script(
  `${functions}
local index = redis.call('HGET', KEYS[1], 'index')
if not index then return {'unknown'} end
revoke(KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', index, ARGV[1])
return {'done'}`,
  true,
);

/** KEYS: the user's, all. ARGV: what the key of a session begins with. */
export const revokeUserSessions: Script = script(
  `${functions}
local ended = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local session = ARGV[1] .. id
  if redis.call('EXISTS', session) == 1 then
    if tonumber(redis.call('ZSCORE', KEYS[1], id)) > now then ended = ended + 1 end
    revoke(session)
  end
  redis.call('ZREM', KEYS[2], id)
end
redis.call('DEL', KEYS[1])
return {'done', whole(ended)}`,
  false,
);
