/** Steps of users. */
import { COMMON, USERS } from "./common.ts";

export const userScripts = {
  /** id, name, teams, password, totp, created -> 1 when the name was free */
  addUser: `${COMMON}${USERS}
if call('HEXISTS', at .. 'names', ARGV[3]) == 1 then return 0 end
addUser(unpack(ARGV, 2))
return 1`,

  /** id -> 1 when there was one */
  removeUser: `${COMMON}${USERS}
local id = ARGV[2]
local name = call('HGET', at .. 'user:' .. id, 'name')
if not name then return 0 end
forgetLink(id)
local identities = call('HGETALL', at .. 'identities-of:' .. id)
for i = 1, #identities, 2 do call('HDEL', at .. 'identities', cjson.encode({ identities[i], identities[i + 1] })) end
call('HDEL', at .. 'names', name)
for _, of in ipairs({ 'user:', 'recovery-codes:', 'identities-of:', 'consents:' }) do call('DEL', at .. of .. id) end
return 1`,

  /** id, password, totp, time -> the fields of the user */
  resetUser: `${COMMON}${USERS}
local id, key = ARGV[2], at .. 'user:' .. ARGV[2]
if not isUser(id) then return {} end
call('HSET', key, 'changed', ARGV[5], 'step', 0)
setOrRemove(key, 'password', ARGV[3])
setOrRemove(key, 'totp', ARGV[4])
call('HDEL', key, 'isConfirmed')
call('DEL', at .. 'recovery-codes:' .. id)
forgetLink(id)
return userOf(id)`,

  /** id, a field, its value or '' */
  setUser: `${COMMON}${USERS}
if isUser(ARGV[2]) then setOrRemove(at .. 'user:' .. ARGV[2], ARGV[3], ARGV[4]) end`,

  /** id, from, to -> 1 when it was still from */
  replacePassword: `${COMMON}
local key = at .. 'user:' .. ARGV[2]
if call('HGET', key, 'password') ~= ARGV[3] then return 0 end
call('HSET', key, 'password', ARGV[4])
return 1`,

  /** id, digest, when it expires by the clock of whoever asks later: Redis keeps it a day at least */
  setLink: `${COMMON}${USERS}
local id, link = ARGV[2], at .. 'link:' .. ARGV[3]
if not isUser(id) then return end
call('SET', link, id)
expire(link, math.max(ARGV[4] / 1000, now + 86400))
forgetLink(id)
call('HSET', at .. 'user:' .. id, 'link', ARGV[3], 'linkExpires', ARGV[4])`,

  /** digest, time -> the fields of the user */
  userOfLink: `${COMMON}${USERS}
local id = ownerOf(ARGV[2], ARGV[3])
return id and userOf(id) or {}`,

  /** digest, password, time -> 1 when it worked */
  useLink: `${COMMON}${USERS}
local id = ownerOf(ARGV[2], ARGV[4])
if not id then return 0 end
call('HSET', at .. 'user:' .. id, 'password', ARGV[3], 'changed', ARGV[4])
forgetLink(id)
return 1`,

  /** id, the secret of the app, step -> 1 when neither it nor a later one was used */
  useTotpStep: `${COMMON}
local key = at .. 'user:' .. ARGV[2]
local of = call('HMGET', key, 'totp', 'step')
if of[1] ~= ARGV[3] or tonumber(of[2]) >= tonumber(ARGV[4]) then return 0 end
call('HSET', key, 'step', ARGV[4], 'isConfirmed', 1)
return 1`,

  /** id, then digests */
  setRecoveryCodes: `${COMMON}${USERS}
local key, isNew = at .. 'recovery-codes:' .. ARGV[2], {}
if not isUser(ARGV[2]) then return end
local before = call('SMEMBERS', key)
for i = 3, #ARGV do
  call('SADD', key, ARGV[i])
  isNew[ARGV[i]] = true
end
for _, digest in ipairs(before) do if not isNew[digest] then call('SREM', key, digest) end end`,

  /** issuer, subject, then as addUser -> the fields of the user; none when the user of that name is another one there */
  userOfIdentity: `${COMMON}${USERS}
local issuer, subject, id, name = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local identity = cjson.encode({ issuer, subject })
local known = call('HGET', at .. 'identities', identity)
if known then return userOf(known) end
local named = call('HGET', at .. 'names', name)
if named and call('HEXISTS', at .. 'identities-of:' .. named, issuer) == 1 then return {} end
if not named then addUser(unpack(ARGV, 4)) end
call('HSET', at .. 'identities', identity, named or id)
call('HSET', at .. 'identities-of:' .. (named or id), issuer, subject)
return userOf(named or id)`,
} as const;
