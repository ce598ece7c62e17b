/** Steps of records and grants. */
import { GRANT_ALONE, USED_AGAIN } from "../../contract/grants.ts";
import { MOST_REFRESH_TOKENS } from "../../contract/records.ts";
import { COMMON, GRANTS, RECORDS, TELL } from "./common.ts";

const TOUCH = `
local function touchGrant(id)
  local used = call('HGET', at .. 'grant:' .. id, 'used')
  if used and now - used >= ${USED_AGAIN} then call('HSET', at .. 'grant:' .. id, 'used', math.floor(now)) end
end
`;

export const recordScripts = {
  /** model, key, payload, grant, uid, expires, 1 when it needs its grant -> 1 when it was kept */
  saveRecord: `${COMMON}${RECORDS}${GRANTS}${TOUCH}
local model, key, payload, grant, uid, expires = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], timeOf(ARGV[7])
if ARGV[8] == '1' and not isThere('Grant', grant) then return 0 end
local record = keyOf(model, key)
local before = call('HMGET', record, 'uid', 'consumed')
call('HSET', record, 'payload', payload, 'grant', grant, 'uid', uid, 'expires', ARGV[7])
expire(record, expires)
if grant ~= '' then index(at .. 'records-of:' .. grant, model .. ':' .. key, expires) end
if uid ~= '' then
  call('SET', at .. 'uid:' .. model .. ':' .. uid, key)
  expire(at .. 'uid:' .. model .. ':' .. uid, expires)
end
if before[1] and before[1] ~= uid then call('DEL', at .. 'uid:' .. model .. ':' .. before[1]) end
if model == 'Grant' then
  local of = call('HMGET', at .. 'grant:' .. key, 'account', 'client')
  if of[1] then setGrantEnd(key, of[1], of[2], expires) end
elseif model == 'AccessToken' and grant ~= '' then
  touchGrant(grant)
elseif model == 'RefreshToken' and grant ~= '' and not before[2] then
  index(at .. 'fresh:' .. grant, key, expires)
  for _, old in ipairs(call('ZREVRANGE', at .. 'fresh:' .. grant, ${MOST_REFRESH_TOKENS}, -1)) do forget(model, old) end
end
return 1`,

  /** model, key, time -> 1 when it was the first use */
  consumeRecord: `${COMMON}${RECORDS}
local of = call('HMGET', keyOf(ARGV[2], ARGV[3]), 'payload', 'consumed', 'grant')
if not of[1] or of[2] then return 0 end
call('HSET', keyOf(ARGV[2], ARGV[3]), 'consumed', ARGV[4])
call('ZREM', at .. 'fresh:' .. of[3], ARGV[3])
return 1`,

  /** model, key -> 1 when it was there */
  removeRecord: `${COMMON}${RECORDS}${GRANTS}${TELL}
local model, key = ARGV[2], ARGV[3]
local grant = call('HGET', keyOf(model, key), 'grant')
if not grant then return 0 end
if model == 'AccessToken' and grant ~= '' then tell(grant) end
local of = model == 'Grant' and call('HMGET', at .. 'grant:' .. key, 'account', 'client')
if of and of[1] then setGrantEnd(key, of[1], of[2], now + ${GRANT_ALONE}) end
forget(model, key)
return 1`,

  /** model, grant */
  removeRecordsOfGrant: `${COMMON}${RECORDS}${TELL}
tell(ARGV[3])
for _, member in ipairs(call('ZRANGE', at .. 'records-of:' .. ARGV[3], 0, -1)) do
  local model, key = member:match('^([^:]+):(.*)$')
  if model == ARGV[2] then forget(model, key) end
end`,

  /** model, uid */
  removeRecordOfUid: `${COMMON}${RECORDS}
local key = call('GET', at .. 'uid:' .. ARGV[2] .. ':' .. ARGV[3])
if key then forget(ARGV[2], key) end`,

  /** id, account, client, then fields of the grant and their values */
  addGrant: `${COMMON}${RECORDS}${GRANTS}
local id, account, client, used = ARGV[2], ARGV[3], ARGV[4], math.floor(now)
call('HSET', at .. 'grant:' .. id, 'account', account, 'client', client, 'created', used, 'used', used, unpack(ARGV, 5))
local expires = isThere('Grant', id) and timeOf(call('HGET', keyOf('Grant', id), 'expires')) or now + ${GRANT_ALONE}
setGrantEnd(id, account, client, expires)
if call('EXISTS', at .. 'client:' .. client) == 1 then
  call('HSET', at .. 'client:' .. client, 'used', used)
  call('ZADD', at .. 'clients-used', used, client)
  call('ZREM', at .. 'clients-unused', client)
end`,

  /** id */
  touchGrant: `${COMMON}${TOUCH}
touchGrant(ARGV[2])`,

  /** id -> the fields of what it was; none when it was not there */
  endGrant: `${COMMON}${RECORDS}${GRANTS}${TELL}
local id = ARGV[2]
local grant = call('HGETALL', at .. 'grant:' .. id)
local members = call('ZRANGE', at .. 'records-of:' .. id, 0, -1)
if #grant == 0 and #members == 0 and not isThere('Grant', id) then return {} end
tell(id)
for _, member in ipairs(members) do forget(member:match('^([^:]+):(.*)$')) end
forget('Grant', id)
forgetGrant(id)
return grant`,
} as const;
