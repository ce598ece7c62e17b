/** Steps of logins that are under way, and of consents. */
import { COMMON, USERS } from "./common.ts";

export const loginScripts = {
  /** user, what it is about, then scopes */
  addConsent: `${COMMON}${USERS}
local key, scopes, isKnown = at .. 'consents:' .. ARGV[2], {}, {}
if not isUser(ARGV[2]) then return end
local function add(scope)
  if not isKnown[scope] then table.insert(scopes, scope) end
  isKnown[scope] = true
end
for scope in (call('HGET', key, ARGV[3]) or ''):gmatch('%S+') do add(scope) end
for i = 4, #ARGV do add(ARGV[i]) end
call('HSET', key, ARGV[3], table.concat(scopes, ' '))`,

  /** uid, browser, when it expires in milliseconds -> browser, account, when it expires: of the browser that came first */
  beginStep: `${COMMON}
local key, expires = at .. 'step:' .. ARGV[2], ARGV[4]
local of = call('HMGET', key, 'browser', 'account', 'expires')
if of[1] and of[3] / 1000 > now then return of end
call('HSET', key, 'browser', ARGV[3], 'expires', expires)
call('HDEL', key, 'account', 'state', 'nonce', 'verifier')
expire(key, expires / 1000)
return { ARGV[3], false, expires }`,

  /** uid, then fields and their values */
  setStep: `${COMMON}
local key = at .. 'step:' .. ARGV[2]
if call('EXISTS', key) == 1 then call('HSET', key, unpack(ARGV, 3)) end`,

  /** uid, state -> nonce, verifier; none when it is another state */
  takeStep: `${COMMON}
local key = at .. 'step:' .. ARGV[2]
local of = call('HMGET', key, 'state', 'nonce', 'verifier')
if of[1] ~= ARGV[3] then return {} end
call('HDEL', key, 'state', 'nonce', 'verifier')
return { of[2], of[3] }`,
} as const;
