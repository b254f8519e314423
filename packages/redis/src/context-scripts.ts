import { type Script, script, serverTime } from "./script.js";

/*
 * A security context is a hash: owner, subject, and up to two instances, the newest first, each as three fields (name,
 * secret, end). Two sorted sets hold the keys of living contexts by their end: one of all, one of the owner. What needs
 * memory is written first: a full Redis refuses a script at its first such command, and no more once it has written.
 */

const functions = `${serverTime}
local function instances(key)
  local f = redis.call('HMGET', key, 'n1', 's1', 'e1', 'n2', 's2', 'e2')
  local found = {}
  for i = 1, 4, 3 do
    if f[i + 2] and tonumber(f[i + 2]) > now then table.insert(found, {f[i], f[i + 1], f[i + 2]}) end
  end
  return found
end
local function keep(key, found, all, index, name)
  local last = 0
  for i, instance in ipairs(found) do
    redis.call('HSET', key, 'n' .. i, instance[1], 's' .. i, instance[2], 'e' .. i, instance[3])
    last = math.max(last, tonumber(instance[3]))
  end
  if #found < 2 then redis.call('HDEL', key, 'n2', 's2', 'e2') end
  redis.call('PEXPIREAT', key, whole(math.ceil(last)))
  redis.call('ZADD', all, whole(last), name)
  redis.call('ZADD', index, whole(last), name)
  if redis.call('PTTL', index) < last - now then redis.call('PEXPIREAT', index, whole(math.ceil(last))) end
end
local function owned(key, owner)
  local real = redis.call('HGET', key, 'owner')
  if not real or #instances(key) == 0 then return 'unknown' end
  if real ~= owner then return 'foreign' end
  return nil
end
`;

/** KEYS: context, all, the owner's. ARGV: name, owner, subject, capacity, capacity of an owner, then the instances. */
export const createContext: Script = script(
  `${functions}
if #instances(KEYS[1]) > 0 then return {'refused'} end
if redis.call('ZCOUNT', KEYS[3], whole(now), '+inf') >= tonumber(ARGV[5]) then return {'refused'} end
if redis.call('ZCOUNT', KEYS[2], whole(now), '+inf') >= tonumber(ARGV[4]) then return {'unavailable'} end
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'subject', ARGV[3])
local given = {}
for i = 6, #ARGV, 3 do table.insert(given, {ARGV[i], ARGV[i + 1], ARGV[i + 2]}) end
for i = 2, 3 do redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', '(' .. whole(now)) end
keep(KEYS[1], given, KEYS[2], KEYS[3], ARGV[1])
return {'done'}`,
  false,
);

/** KEYS: context. */
export const findContext: Script = script(
  `${functions}
local found = instances(KEYS[1])
local own = redis.call('HMGET', KEYS[1], 'owner', 'subject')
if not own[1] or #found == 0 then return {'unknown'} end
local answer = {'found', own[1], own[2]}
for _, instance in ipairs(found) do for i = 1, 3 do table.insert(answer, instance[i]) end end
return answer`,
  true,
);

/** KEYS: context. ARGV: owner, subject, subject before. */
export const amendContext: Script = script(
  `${functions}
local no = owned(KEYS[1], ARGV[1])
if no then return {no} end
if redis.call('HGET', KEYS[1], 'subject') ~= ARGV[3] then return {'unknown'} end
redis.call('HSET', KEYS[1], 'subject', ARGV[2])
return {'done'}`,
  false,
);

/** KEYS: context, all, the owner's. ARGV: owner, name, then the instance. */
export const renewContext: Script = script(
  `${functions}
local no = owned(KEYS[1], ARGV[1])
if no then return {no} end
keep(KEYS[1], {{ARGV[3], ARGV[4], ARGV[5]}, instances(KEYS[1])[1]}, KEYS[2], KEYS[3], ARGV[2])
return {'done'}`,
  false,
);

/** KEYS: context, all, the owner's. ARGV: owner, name. */
export const cancelContext: Script = script(
  `${functions}
local no = owned(KEYS[1], ARGV[1])
if no then return {no} end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
return {'done'}`,
  false,
);
