/**
 * What Redis does in one step, with nobody's command between. Each script gets the beginning of all keys as its only key, which has
 * a hash tag, so all are in one slot of a cluster and may be named here; and as its first argument the time of the process that
 * asks, in seconds since 1970. Where memory is full Redis refuses what adds and not what removes, in the middle of a script too. So
 * each adds first: then it is done as a whole, or not at all.
 *
 * Keys, after the beginning:
 *
 *     record:<model>:<key>      hash: payload, grant, uid, consumed, expires
 *     uid:<model>:<uid>         the key of the record
 *     records-of:<grant>        sorted set: <model>:<key> by expiry
 *     fresh:<grant>             sorted set: keys of refresh tokens that were not used, by expiry
 *     grant:<id>                hash: a grant, with when it expires
 *     grants  grants-of-user:<user>  grants-of-client:<client>    sorted sets: ids of grants by expiry
 *     revocations               stream: <number>-0 with grant, user, client
 *     last-revocation           its latest number
 *     client:<id>               hash: a registered client
 *     fingerprint:<digest>      the id of the client
 *     clients-unused  clients-used  sorted sets: ids of clients by when they came, and by when they were last used
 *     document:<url>            hash: body, name, fetched
 *     documents                 sorted set: URLs by when they were fetched
 *     keys                      hash: name to JSON
 *     user:<id>                 hash: a user
 *     names                     hash: name to the id of the user
 *     link:<digest>             the id of the user
 *     recovery-codes:<user>     set: digests
 *     identities                hash: JSON of issuer and subject to the id of the user
 *     identities-of:<user>      hash: issuer to subject
 *     consents:<user>           hash: JSON of client, redirect and resource to scopes
 *     step:<digest>             hash: how far a login is
 */
import { GRANT_ALONE, KEPT_REVOCATIONS, USED_AGAIN } from "../contract/grants.ts";
import { IDLE_CLIENT, KEPT_DOCUMENT, MOST_UNUSED_CLIENTS, MOST_UNUSED_DOCUMENTS, UNUSED_CLIENT } from "../contract/clients.ts";
import { MOST_REFRESH_TOKENS } from "../contract/records.ts";

/** What every script begins with. */
const COMMON = `
  local at, now, call = KEYS[1], tonumber(ARGV[1]), redis.call
  -- Has Redis forget a key by itself when the process would not find it any more: times of two clocks are never compared.
  local function expire(key, expires)
    if expires == math.huge then return call('PERSIST', key) end
    call('PEXPIRE', key, math.max(1, math.ceil((expires - now) * 1000)))
  end
  local function timeOf(text) return tonumber(text or '') or math.huge end
  -- Adds to a sorted set by expiry, which lives as long as the last in it.
  local function index(key, member, expires)
    call('ZADD', key, expires == math.huge and '+inf' or expires, member)
    call('ZREMRANGEBYSCORE', key, '-inf', now)
    local last = call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
    if last then expire(key, last == 'inf' and math.huge or tonumber(last)) end
  end
`;

const RECORDS = `
  local function keyOf(model, key) return at .. 'record:' .. model .. ':' .. key end
  local function isThere(model, key)
    local expires = call('HMGET', keyOf(model, key), 'payload', 'expires')
    return expires[1] and timeOf(expires[2]) > now
  end
  local function forget(model, key)
    local of = call('HMGET', keyOf(model, key), 'grant', 'uid')
    call('DEL', keyOf(model, key))
    if of[1] then
      call('ZREM', at .. 'records-of:' .. of[1], model .. ':' .. key)
      call('ZREM', at .. 'fresh:' .. of[1], key)
    end
    local uid = of[2] and at .. 'uid:' .. model .. ':' .. of[2]
    if uid and call('GET', uid) == key then call('DEL', uid) end
    return of[1]
  end
`;

const GRANTS = `
  local function indexGrant(id, account, client, expires)
    index(at .. 'grants', id, expires)
    index(at .. 'grants-of-user:' .. account, id, expires)
    index(at .. 'grants-of-client:' .. client, id, expires)
    expire(at .. 'grant:' .. id, expires)
  end
  local function dropGrant(id)
    local of = call('HMGET', at .. 'grant:' .. id, 'account', 'client')
    call('DEL', at .. 'grant:' .. id)
    call('ZREM', at .. 'grants', id)
    if of[1] then call('ZREM', at .. 'grants-of-user:' .. of[1], id) end
    if of[2] then call('ZREM', at .. 'grants-of-client:' .. of[2], id) end
  end
  local function touchGrant(id)
    local used = call('HGET', at .. 'grant:' .. id, 'used')
    if used and now - used >= ${USED_AGAIN} then call('HSET', at .. 'grant:' .. id, 'used', math.floor(now)) end
  end
`;

/**
 * Numbers are the server's milliseconds since 1970, or one more than the last: they go on growing where Redis has lost everything,
 * and processes that have seen an earlier one see the next.
 */
const TELL = `
  local function tell(grant)
    local time = call('TIME')
    local clock = time[1] * 1000 + math.floor(time[2] / 1000)
    local last = tonumber(call('GET', at .. 'last-revocation') or '0')
    local number = string.format('%.0f', math.max(clock, last + 1))
    local whose = call('HMGET', at .. 'grant:' .. grant, 'account', 'client')
    call('SET', at .. 'last-revocation', number)
    call('XADD', at .. 'revocations', number .. '-0', 'grant', grant, 'account', whose[1] or '', 'client', whose[2] or '')
    call('PEXPIRE', at .. 'revocations', ${KEPT_REVOCATIONS * 1_000})
  end
`;

const CLIENTS = `
  local function forgetClient(id)
    local fingerprint = call('HGET', at .. 'client:' .. id, 'fingerprint')
    local owner = fingerprint and at .. 'fingerprint:' .. fingerprint
    if owner and call('GET', owner) == id then call('DEL', owner) end
    call('DEL', at .. 'client:' .. id)
    call('ZREM', at .. 'clients-unused', id)
    call('ZREM', at .. 'clients-used', id)
  end
  local function hasGrants(client)
    local key = at .. 'grants-of-client:' .. client
    call('ZREMRANGEBYSCORE', key, '-inf', now)
    return call('EXISTS', key) == 1
  end
`;

const USERS = `
  local function userOf(id) return call('HGETALL', at .. 'user:' .. id) end
  local function isUser(id) return call('EXISTS', at .. 'user:' .. id) == 1 end
  local function addUser(id, name, teams, password, totp, created)
    local key = at .. 'user:' .. id
    call('HSET', key, 'id', id, 'name', name, 'teams', teams, 'created', created, 'changed', created, 'step', 0)
    if password ~= '' then call('HSET', key, 'password', password) end
    if totp ~= '' then call('HSET', key, 'totp', totp) end
    call('HSET', at .. 'names', name, id)
  end
  local function dropLink(id)
    local link = call('HGET', at .. 'user:' .. id, 'link')
    if link then call('DEL', at .. 'link:' .. link) end
    call('HDEL', at .. 'user:' .. id, 'link', 'linkExpires')
  end
  -- Whose link it is, if it works. Its times are milliseconds.
  local function ownerOf(digest, time)
    local id = call('GET', at .. 'link:' .. digest)
    if not id then return end
    local of = call('HMGET', at .. 'user:' .. id, 'link', 'linkExpires', 'disabled')
    if of[1] == digest and tonumber(of[2]) > tonumber(time) and not of[3] then return id end
  end
`;

/** The scripts, by their names. Texts that are missing come as ''. */
export const scripts = {
  /** model, key, payload, grant, uid, expires, whether it needs its grant (1) -> whether it was kept */
  saveRecord: `${COMMON}${RECORDS}${GRANTS}
    local model, key, payload, grant, uid, expires = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], timeOf(ARGV[7])
    if ARGV[8] == '1' and not isThere('Grant', grant) then return 0 end
    local record, member = keyOf(model, key), model .. ':' .. key
    local before = call('HMGET', record, 'grant', 'uid', 'consumed')
    call('HSET', record, 'payload', payload, 'grant', grant, 'uid', uid, 'expires', ARGV[7])
    expire(record, expires)
    if uid ~= '' then
      call('SET', at .. 'uid:' .. model .. ':' .. uid, key)
      expire(at .. 'uid:' .. model .. ':' .. uid, expires)
    end
    if grant ~= '' then index(at .. 'records-of:' .. grant, member, expires) end
    if before[1] and before[1] ~= '' and before[1] ~= grant then call('ZREM', at .. 'records-of:' .. before[1], member) end
    if before[2] and before[2] ~= '' and before[2] ~= uid then call('DEL', at .. 'uid:' .. model .. ':' .. before[2]) end
    if model == 'Grant' then
      local of = call('HMGET', at .. 'grant:' .. key, 'account', 'client')
      if of[1] then
        call('HSET', at .. 'grant:' .. key, 'expires', ARGV[7])
        indexGrant(key, of[1], of[2], expires)
      end
    elseif model == 'AccessToken' and grant ~= '' then touchGrant(grant)
    elseif model == 'RefreshToken' and grant ~= '' and not before[3] then
      local fresh = at .. 'fresh:' .. grant
      index(fresh, key, expires)
      for _, old in ipairs(call('ZREVRANGE', fresh, ${MOST_REFRESH_TOKENS}, -1)) do forget(model, old) end
    end
    return 1`,

  /** model, key, at -> whether it was the first use */
  consumeRecord: `${COMMON}${RECORDS}
    local of = call('HMGET', keyOf(ARGV[2], ARGV[3]), 'payload', 'consumed', 'grant')
    if not of[1] or of[2] then return 0 end
    call('HSET', keyOf(ARGV[2], ARGV[3]), 'consumed', ARGV[4])
    if of[3] ~= '' then call('ZREM', at .. 'fresh:' .. of[3], ARGV[3]) end
    return 1`,

  /** model, key */
  removeRecord: `${COMMON}${RECORDS}${GRANTS}${TELL}
    local model, key = ARGV[2], ARGV[3]
    local grant = call('HGET', keyOf(model, key), 'grant')
    if model == 'AccessToken' and grant and grant ~= '' then tell(grant) end
    forget(model, key)
    local of = model == 'Grant' and call('HMGET', at .. 'grant:' .. key, 'account', 'client')
    if of and of[1] then
      call('HSET', at .. 'grant:' .. key, 'expires', now + ${GRANT_ALONE})
      indexGrant(key, of[1], of[2], now + ${GRANT_ALONE})
    end`,

  /** model, grant */
  removeRecordsOf: `${COMMON}${RECORDS}${TELL}
    tell(ARGV[3])
    for _, member in ipairs(call('ZRANGE', at .. 'records-of:' .. ARGV[3], 0, -1)) do
      local model, key = member:match('^([^:]+):(.*)$')
      if model == ARGV[2] then forget(model, key) end
    end`,

  /** model, uid */
  removeRecordByUid: `${COMMON}${RECORDS}
    local key = call('GET', at .. 'uid:' .. ARGV[2] .. ':' .. ARGV[3])
    if key then forget(ARGV[2], key) end`,

  /** id, account, client, then the fields of the hash */
  addGrant: `${COMMON}${RECORDS}${GRANTS}
    local id, account, client = ARGV[2], ARGV[3], ARGV[4]
    local expires = isThere('Grant', id) and timeOf(call('HGET', keyOf('Grant', id), 'expires')) or now + ${GRANT_ALONE}
    call('HSET', at .. 'grant:' .. id, 'expires', expires == math.huge and '' or expires, unpack(ARGV, 5))
    indexGrant(id, account, client, expires)
    if call('EXISTS', at .. 'client:' .. client) == 1 then
      call('HSET', at .. 'client:' .. client, 'used', math.floor(now))
      call('ZADD', at .. 'clients-used', math.floor(now), client)
      call('ZREM', at .. 'clients-unused', client)
    end`,

  /** id */
  touchGrant: `${COMMON}${GRANTS}
    touchGrant(ARGV[2])`,

  /** id -> the fields of what it was, none when it was not there */
  endGrant: `${COMMON}${RECORDS}${GRANTS}${TELL}
    local id = ARGV[2]
    local grant = call('HGETALL', at .. 'grant:' .. id)
    local members = call('ZRANGE', at .. 'records-of:' .. id, 0, -1)
    if #grant == 0 and #members == 0 and not isThere('Grant', id) then return {} end
    tell(id)
    for _, member in ipairs(members) do forget(member:match('^([^:]+):(.*)$')) end
    forget('Grant', id)
    dropGrant(id)
    return grant`,

  /** id, fingerprint, metadata -> the fields of the client */
  addClient: `${COMMON}
    local id, fingerprint = ARGV[2], at .. 'fingerprint:' .. ARGV[3]
    local same = call('GET', fingerprint)
    if same then return call('HGETALL', at .. 'client:' .. same) end
    local created = math.floor(now)
    call('HSET', at .. 'client:' .. id, 'id', id, 'fingerprint', ARGV[3], 'metadata', ARGV[4], 'created', created)
    call('SET', fingerprint, id)
    call('ZADD', at .. 'clients-unused', created, id)
    return call('HGETALL', at .. 'client:' .. id)`,

  /** id */
  removeClient: `${COMMON}${CLIENTS}
    forgetClient(ARGV[2])`,

  /** url, body, name */
  keepDocument: `${COMMON}
    local key, fetched = at .. 'document:' .. ARGV[2], math.floor(now)
    call('HSET', key, 'body', ARGV[3], 'name', ARGV[4], 'fetched', fetched)
    call('ZADD', at .. 'documents', fetched, ARGV[2])
    expire(key, fetched + ${KEPT_DOCUMENT})`,

  /** Removes what no key's expiry removes. */
  sweep: `${COMMON}${GRANTS}${CLIENTS}
    for _, id in ipairs(call('ZRANGEBYSCORE', at .. 'grants', '-inf', now)) do dropGrant(id) end
    local old = string.format('%.0f', (now - ${KEPT_REVOCATIONS}) * 1000)
    for _, entry in ipairs(call('XRANGE', at .. 'revocations', '-', old)) do call('XDEL', at .. 'revocations', entry[1]) end

    local function forgetUnused(key, first, last)
      for _, id in ipairs(call(first and 'ZREVRANGE' or 'ZRANGEBYSCORE', key, first or '-inf', last)) do
        if not hasGrants(id) then forgetClient(id) end
      end
    end
    forgetUnused(at .. 'clients-unused', nil, '(' .. now - ${UNUSED_CLIENT})
    forgetUnused(at .. 'clients-used', nil, '(' .. now - ${IDLE_CLIENT})
    forgetUnused(at .. 'clients-unused', ${MOST_UNUSED_CLIENTS}, -1)

    local documents = at .. 'documents'
    local function forgetDocument(url)
      call('DEL', at .. 'document:' .. url)
      call('ZREM', documents, url)
    end
    for _, url in ipairs(call('ZRANGEBYSCORE', documents, '-inf', '(' .. now - ${KEPT_DOCUMENT})) do forgetDocument(url) end
    if call('ZCARD', documents) <= ${MOST_UNUSED_DOCUMENTS} then return end
    local unused = 0
    for _, url in ipairs(call('ZREVRANGE', documents, 0, -1)) do
      if not hasGrants(url) then unused = unused + 1 end
      if unused > ${MOST_UNUSED_DOCUMENTS} and not hasGrants(url) then forgetDocument(url) end
    end`,

  /** id, name, teams, password, totp, created -> whether the name was free */
  addUser: `${COMMON}${USERS}
    if call('HEXISTS', at .. 'names', ARGV[3]) == 1 then return 0 end
    addUser(unpack(ARGV, 2))
    return 1`,

  /** id -> whether there was one */
  removeUser: `${COMMON}${USERS}
    local id = ARGV[2]
    local name = call('HGET', at .. 'user:' .. id, 'name')
    if not name then return 0 end
    dropLink(id)
    for issuer, subject in pairs(call('HGETALL', at .. 'identities-of:' .. id)) do
      if issuer % 2 == 1 then
        call('HDEL', at .. 'identities', cjson.encode({ subject, call('HGET', at .. 'identities-of:' .. id, subject) }))
      end
    end
    call('HDEL', at .. 'names', name)
    for _, of in ipairs({ 'user:', 'recovery-codes:', 'identities-of:', 'consents:' }) do call('DEL', at .. of .. id) end
    return 1`,

  /** id, password, totp, at -> the fields of the user */
  resetUser: `${COMMON}${USERS}
    local id, password, totp, key = ARGV[2], ARGV[3], ARGV[4], at .. 'user:' .. ARGV[2]
    if not isUser(id) then return {} end
    call('HSET', key, 'changed', ARGV[5], 'step', 0)
    if password == '' then call('HDEL', key, 'password') else call('HSET', key, 'password', password) end
    if totp == '' then call('HDEL', key, 'totp') else call('HSET', key, 'totp', totp) end
    call('HDEL', key, 'confirmed')
    dropLink(id)
    call('DEL', at .. 'recovery-codes:' .. id)
    return userOf(id)`,

  /** id, a field, its value; '' removes it */
  setUser: `${COMMON}${USERS}
    if not isUser(ARGV[2]) then return end
    if ARGV[4] == '' then call('HDEL', at .. 'user:' .. ARGV[2], ARGV[3])
    else call('HSET', at .. 'user:' .. ARGV[2], ARGV[3], ARGV[4]) end`,

  /** id, from, to -> whether it was still the same */
  replacePassword: `${COMMON}
    if call('HGET', at .. 'user:' .. ARGV[2], 'password') ~= ARGV[3] then return 0 end
    call('HSET', at .. 'user:' .. ARGV[2], 'password', ARGV[4])
    return 1`,

  /** id, digest, expires in milliseconds */
  setLink: `${COMMON}${USERS}
    local id, digest, key = ARGV[2], ARGV[3], at .. 'link:' .. ARGV[3]
    if not isUser(id) then return end
    call('SET', key, id)
    expire(key, ARGV[4] / 1000)
    dropLink(id)
    call('HSET', at .. 'user:' .. id, 'link', digest, 'linkExpires', ARGV[4])`,

  /** digest, time in milliseconds -> the fields of the user */
  userOfLink: `${COMMON}${USERS}
    local id = ownerOf(ARGV[2], ARGV[3])
    return id and userOf(id) or {}`,

  /** digest, password, time in milliseconds -> whether it worked */
  useLink: `${COMMON}${USERS}
    local id = ownerOf(ARGV[2], ARGV[4])
    if not id then return 0 end
    call('HSET', at .. 'user:' .. id, 'password', ARGV[3], 'changed', ARGV[4])
    dropLink(id)
    return 1`,

  /** id, the secret of the app, step -> whether it was the first use */
  useTotpStep: `${COMMON}
    local key = at .. 'user:' .. ARGV[2]
    local of = call('HMGET', key, 'totp', 'step')
    if of[1] ~= ARGV[3] or tonumber(of[2]) >= tonumber(ARGV[4]) then return 0 end
    call('HSET', key, 'step', ARGV[4], 'confirmed', 1)
    return 1`,

  /** id, then digests */
  setRecoveryCodes: `${COMMON}${USERS}
    local key = at .. 'recovery-codes:' .. ARGV[2]
    if not isUser(ARGV[2]) then return end
    local before = call('SMEMBERS', key)
    local new = {}
    for i = 3, #ARGV do
      call('SADD', key, ARGV[i])
      new[ARGV[i]] = true
    end
    for _, digest in ipairs(before) do if not new[digest] then call('SREM', key, digest) end end`,

  /** issuer, subject, then as addUser -> the fields of the user; none when the user of that name is another one there */
  userOfIdentity: `${COMMON}${USERS}
    local issuer, subject, new, name = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
    local identity = cjson.encode({ issuer, subject })
    local known = call('HGET', at .. 'identities', identity)
    if known then return userOf(known) end
    local id = call('HGET', at .. 'names', name)
    if id and call('HEXISTS', at .. 'identities-of:' .. id, issuer) == 1 then return {} end
    if not id then addUser(unpack(ARGV, 4)) end
    call('HSET', at .. 'identities', identity, id or new)
    call('HSET', at .. 'identities-of:' .. (id or new), issuer, subject)
    return userOf(id or new)`,

  /** user, what it is about, then scopes */
  addConsent: `${COMMON}${USERS}
    local key, about = at .. 'consents:' .. ARGV[2], ARGV[3]
    if not isUser(ARGV[2]) then return end
    local all, known = {}, {}
    local function add(scope)
      if known[scope] then return end
      known[scope] = true
      table.insert(all, scope)
    end
    for scope in (call('HGET', key, about) or ''):gmatch('%S+') do add(scope) end
    for i = 4, #ARGV do add(ARGV[i]) end
    call('HSET', key, about, table.concat(all, ' '))`,

  /** uid, browser, expires in milliseconds -> browser, account; none when it is another browser's */
  beginStep: `${COMMON}
    local key, browser, expires = at .. 'step:' .. ARGV[2], ARGV[3], ARGV[4]
    local of = call('HMGET', key, 'browser', 'account', 'expires')
    if of[1] and of[3] / 1000 > now then return of[1] == browser and { of[1], of[2] or '' } or {} end
    call('HSET', key, 'browser', browser, 'expires', expires)
    expire(key, expires / 1000)
    call('HDEL', key, 'account', 'state', 'nonce', 'verifier')
    return { browser, '' }`,

  /** uid, then fields of the hash; '' removes one */
  setStep: `${COMMON}
    local key = at .. 'step:' .. ARGV[2]
    if call('EXISTS', key) == 0 then return end
    for i = 3, #ARGV, 2 do
      if ARGV[i + 1] == '' then call('HDEL', key, ARGV[i]) else call('HSET', key, ARGV[i], ARGV[i + 1]) end
    end`,

  /** uid, state -> nonce, verifier; none when it is another state */
  takeStep: `${COMMON}
    local key = at .. 'step:' .. ARGV[2]
    local of = call('HMGET', key, 'state', 'nonce', 'verifier')
    if of[1] ~= ARGV[3] then return {} end
    call('HDEL', key, 'state', 'nonce', 'verifier')
    return { of[2], of[3] }`,
} as const;

export type ScriptName = keyof typeof scripts;
