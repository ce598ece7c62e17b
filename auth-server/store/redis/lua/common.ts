/**
 * What scripts are made of. A script is what Redis does in one step, with nobody's command between. Each gets the beginning of all
 * keys as its only key, which has a hash tag, so all keys are in one slot of a cluster and a script may name them; and as its first
 * argument the time of the process that asks, in seconds since 1970. Texts that are missing come as ''.
 *
 * Where memory is full Redis refuses what adds and not what removes, in the middle of a script too. So each adds before it removes:
 * then it is done as a whole, or not at all.
 */
import { KEPT_REVOCATIONS } from "../../contract/grants.ts";

/** What every script begins with. */
export const COMMON = `
local at, now, call = KEYS[1], tonumber(ARGV[1]), redis.call
local function timeOf(text) return tonumber(text or '') or math.huge end
-- Has Redis forget a key when the process that asks would not find it any more. Times of two clocks are never compared.
local function expire(key, expires)
  if expires == math.huge then return call('PERSIST', key) end
  call('PEXPIRE', key, math.max(1, math.ceil((expires - now) * 1000)))
end
-- Adds to a sorted set by expiry, which lives as long as the last in it.
local function index(key, member, expires)
  call('ZADD', key, expires == math.huge and '+inf' or expires, member)
  call('ZREMRANGEBYSCORE', key, '-inf', now)
  local last = call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
  if last then expire(key, timeOf(last)) end
end
`;

/** Records of oidc-provider. */
export const RECORDS = `
local function keyOf(model, key) return at .. 'record:' .. model .. ':' .. key end
local function isThere(model, key)
  local of = call('HMGET', keyOf(model, key), 'payload', 'expires')
  return of[1] and timeOf(of[2]) > now
end
local function forget(model, key)
  local of = call('HMGET', keyOf(model, key), 'grant', 'uid')
  if of[1] then
    call('ZREM', at .. 'records-of:' .. of[1], model .. ':' .. key)
    call('ZREM', at .. 'fresh:' .. of[1], key)
  end
  local uid = of[2] and at .. 'uid:' .. model .. ':' .. of[2]
  if uid and call('GET', uid) == key then call('DEL', uid) end
  call('DEL', keyOf(model, key))
end
`;

/** Grants. */
export const GRANTS = `
local function setGrantEnd(id, account, client, expires)
  call('HSET', at .. 'grant:' .. id, 'expires', expires == math.huge and '' or expires)
  expire(at .. 'grant:' .. id, expires)
  index(at .. 'grants', id, expires)
  index(at .. 'grants-of-user:' .. account, id, expires)
  index(at .. 'grants-of-client:' .. client, id, expires)
end
local function forgetGrant(id)
  local of = call('HMGET', at .. 'grant:' .. id, 'account', 'client')
  call('ZREM', at .. 'grants', id)
  if of[1] then call('ZREM', at .. 'grants-of-user:' .. of[1], id) end
  if of[2] then call('ZREM', at .. 'grants-of-client:' .. of[2], id) end
  call('DEL', at .. 'grant:' .. id)
end
`;

/**
 * Numbers are the server's milliseconds since 1970, or one more than the last: they go on growing where Redis has lost everything,
 * so processes that have seen an earlier one see the next.
 */
export const TELL = `
local function tell(grant)
  local time = call('TIME')
  local clock = time[1] * 1000 + math.floor(time[2] / 1000)
  local last = tonumber(call('GET', at .. 'last-revocation') or '0')
  local number = string.format('%.0f', math.max(clock, last + 1))
  local of = call('HMGET', at .. 'grant:' .. grant, 'account', 'client')
  call('SET', at .. 'last-revocation', number)
  call('XADD', at .. 'revocations', number .. '-0', 'at', now, 'grant', grant, 'account', of[1] or '', 'client', of[2] or '')
  call('PEXPIRE', at .. 'revocations', ${KEPT_REVOCATIONS * 1_000})
end
`;

/** Clients, and their grants that are alive. */
export const CLIENTS = `
local function forgetClient(id)
  local fingerprint = call('HGET', at .. 'client:' .. id, 'fingerprint')
  local owner = fingerprint and at .. 'fingerprint:' .. fingerprint
  if owner and call('GET', owner) == id then call('DEL', owner) end
  call('ZREM', at .. 'clients-unused', id)
  call('ZREM', at .. 'clients-used', id)
  call('DEL', at .. 'client:' .. id)
end
local function hasGrants(client)
  local key = at .. 'grants-of-client:' .. client
  call('ZREMRANGEBYSCORE', key, '-inf', now)
  return call('EXISTS', key) == 1
end
`;

/** Users. Their times are milliseconds. */
export const USERS = `
local function userOf(id) return call('HGETALL', at .. 'user:' .. id) end
local function isUser(id) return call('EXISTS', at .. 'user:' .. id) == 1 end
local function setOrRemove(key, field, value)
  if value == '' then call('HDEL', key, field) else call('HSET', key, field, value) end
end
local function addUser(id, name, teams, password, totp, created)
  local key = at .. 'user:' .. id
  call('HSET', key, 'id', id, 'name', name, 'teams', teams, 'created', created, 'changed', created, 'step', 0)
  setOrRemove(key, 'password', password)
  setOrRemove(key, 'totp', totp)
  call('HSET', at .. 'names', name, id)
end
local function forgetLink(id)
  local link = call('HGET', at .. 'user:' .. id, 'link')
  if link then call('DEL', at .. 'link:' .. link) end
  call('HDEL', at .. 'user:' .. id, 'link', 'linkExpires')
end
-- Whose link it is, if it works.
local function ownerOf(digest, time)
  local id = call('GET', at .. 'link:' .. digest)
  if not id then return end
  local of = call('HMGET', at .. 'user:' .. id, 'link', 'linkExpires', 'isDisabled')
  if of[1] == digest and tonumber(of[2]) > tonumber(time) and not of[3] then return id end
end
`;
