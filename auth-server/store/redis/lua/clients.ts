/** Steps of clients and documents, and what is removed because of its age. */
import {
  IDLE_CLIENT,
  KEPT_DOCUMENT,
  MOST_UNUSED_CLIENTS,
  MOST_UNUSED_DOCUMENTS,
  UNUSED_CLIENT,
} from "../../contract/clients.ts";
import { KEPT_REVOCATIONS } from "../../contract/grants.ts";
import { CLIENTS, COMMON, GRANTS } from "./common.ts";

export const clientScripts = {
  /** id, fingerprint, metadata -> the fields of the client */
  addClient: `${COMMON}
local id, owner, created = ARGV[2], at .. 'fingerprint:' .. ARGV[3], math.floor(now)
local same = call('GET', owner)
if same then return call('HGETALL', at .. 'client:' .. same) end
call('HSET', at .. 'client:' .. id, 'id', id, 'fingerprint', ARGV[3], 'metadata', ARGV[4], 'created', created)
call('SET', owner, id)
call('ZADD', at .. 'clients-unused', created, id)
return call('HGETALL', at .. 'client:' .. id)`,

  /** id */
  removeClient: `${COMMON}${CLIENTS}
forgetClient(ARGV[2])`,

  /** url, body, name */
  keepDocument: `${COMMON}
local key, fetched = at .. 'document:' .. ARGV[2], math.floor(now)
call('HSET', key, 'url', ARGV[2], 'body', ARGV[3], 'name', ARGV[4], 'fetched', fetched)
expire(key, fetched + ${KEPT_DOCUMENT})
call('ZADD', at .. 'documents', fetched, ARGV[2])`,

  /** Removes grants and revocations of which nobody has to know any more. */
  sweepGrants: `${COMMON}${GRANTS}
for _, id in ipairs(call('ZRANGEBYSCORE', at .. 'grants', '-inf', now)) do forgetGrant(id) end
for _, entry in ipairs(call('XRANGE', at .. 'revocations', '-', '+')) do
  if now - entry[2][2] <= ${KEPT_REVOCATIONS} then break end
  call('XDEL', at .. 'revocations', entry[1])
end`,

  /** Removes clients with which nobody has logged in, or does any more. */
  sweepClients: `${COMMON}${CLIENTS}
local function forgetAll(ids)
  for _, id in ipairs(ids) do if not hasGrants(id) then forgetClient(id) end end
end
forgetAll(call('ZRANGEBYSCORE', at .. 'clients-unused', '-inf', '(' .. now - ${UNUSED_CLIENT}))
forgetAll(call('ZRANGEBYSCORE', at .. 'clients-used', '-inf', '(' .. now - ${IDLE_CLIENT}))
forgetAll(call('ZREVRANGE', at .. 'clients-unused', ${MOST_UNUSED_CLIENTS}, -1))`,

  /** Removes documents that are old, or of which there are too many. */
  sweepDocuments: `${COMMON}${CLIENTS}
local documents = at .. 'documents'
local function forgetDocument(url)
  call('DEL', at .. 'document:' .. url)
  call('ZREM', documents, url)
end
for _, url in ipairs(call('ZRANGEBYSCORE', documents, '-inf', '(' .. now - ${KEPT_DOCUMENT})) do forgetDocument(url) end
if call('ZCARD', documents) <= ${MOST_UNUSED_DOCUMENTS} then return end
local unused = 0
for _, url in ipairs(call('ZREVRANGE', documents, 0, -1)) do
  if not hasGrants(url) then
    unused = unused + 1
    if unused > ${MOST_UNUSED_DOCUMENTS} then forgetDocument(url) end
  end
end`,
} as const;
