/*
 * Lua that reads and writes one key, KEYS[1], in one step. Times are epoch seconds as text, `''` is for good; lifetimes are
 * milliseconds by Redis's own clock. What could run out of memory comes first: nothing is left half done.
 */

const liveFor = (milliseconds: string) => `
if ${milliseconds} == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ${milliseconds}) end`

/** Remembers until ARGV[1] for ARGV[2], at ARGV[3]: 1 when it was new. */
export const ONCE = `
local before = redis.call('GET', KEYS[1])
if before and (before == '' or tonumber(before) > tonumber(ARGV[3])) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
${liveFor('ARGV[2]')}
return 1`

/** The fields of a record; the first is empty when there is something else under its name. */
export const READ = `
local record = redis.pcall('HMGET', KEYS[1], 'payload', 'until', 'consumed', 'grant', 'uid', 'userCode', 'pointer')
return record.err and { '' } or record`

/** Writes a record that lives until ARGV[1] for ARGV[2], at ARGV[3]; ARGV[4] says when it was consumed, the rest are fields. One still alive stays consumed. */
export const WRITE = `
local before = redis.call('HMGET', KEYS[1], 'until', 'consumed')
local isOver = before[1] and before[1] ~= '' and tonumber(before[1]) <= tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'until', ARGV[1], unpack(ARGV, 5))
if isOver or not before[2] then
  if ARGV[4] == '' then redis.call('HDEL', KEYS[1], 'consumed') else redis.call('HSET', KEYS[1], 'consumed', ARGV[4]) end
end
${liveFor('ARGV[2]')}`

/** Marks a record as consumed at ARGV[1]: 1 when it was not. */
export const CONSUME = `
local ends = redis.call('HGET', KEYS[1], 'until')
if not ends or (ends ~= '' and tonumber(ends) <= tonumber(ARGV[1])) then return 0 end
return redis.call('HSETNX', KEYS[1], 'consumed', math.floor(ARGV[1]))`

/** Drops a record, if it belongs to the grant ARGV[1] or that is empty, and gives what else names it: its grant, uid and user code. */
export const REMOVE = `
local names = redis.pcall('HMGET', KEYS[1], 'grant', 'uid', 'userCode')
if names.err then names = { false, false, false } end
if ARGV[1] ~= '' and names[1] ~= ARGV[1] then return {} end
redis.call('DEL', KEYS[1])
return names`

/** Leads to ARGV[1] for ARGV[2]. */
export const POINT = `
redis.call('SET', KEYS[1], ARGV[1])
${liveFor('ARGV[2]')}`

export const FOLLOW = `return redis.call('GET', KEYS[1])`

/** Drops what leads to ARGV[1]. */
export const UNPOINT = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`

/**
 * Puts ARGV[1] into a set until ARGV[2] (or `inf`), when it is ARGV[3]. Takes out members whose time has come, and gives
 * them: so no set outgrows what is alive in it, and none outlives its last member.
 */
export const ENTER = `
if ARGV[1] ~= '' then redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) end
local over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', 0, 1000)
if #over > 0 then redis.call('ZREM', KEYS[1], unpack(over)) end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last == 'inf' then redis.call('PERSIST', KEYS[1])
elseif last then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', (tonumber(last) - tonumber(ARGV[3])) * 1000 + 1)) end
return over`

export const LEAVE = `redis.call('ZREM', KEYS[1], unpack(ARGV))`

export const MEMBERS = `return redis.call('ZRANGE', KEYS[1], 0, -1)`

/** Puts ARGV[1] into a set in the order of its members. */
export const LIST = `redis.call('ZADD', KEYS[1], 0, ARGV[1])`

/** The first ARGV[2] members of such a set that come after ARGV[1]. */
export const PAGE = `return redis.call('ZRANGEBYLEX', KEYS[1], '(' .. ARGV[1], '+', 'LIMIT', 0, ARGV[2])`

/** What is another whenever a record's payload is; empty where there is none. */
export const VERSION = `
local payload = redis.pcall('HGET', KEYS[1], 'payload')
return type(payload) == 'string' and redis.sha1hex(payload) or ''`

/** Keeps a verdict, ARGV[1], as the newest of ARGV[4]: beside it what is searched, ARGV[2], and what is counted, ARGV[3]. */
export const APPEND = `redis.call('XADD', KEYS[1], 'MAXLEN', '=', ARGV[4], '*', 'verdict', ARGV[1], 'texts', ARGV[2], 'counted', ARGV[3])`

/**
 * Looks at up to ARGV[3] entries from ARGV[1] down to ARGV[2], newest first, and leaves out what cannot be looked for: texts
 * without ARGV[5] and verdicts without each of the rest. Gives how many it looked at, the id of the last, and then an id, a
 * text, an id, a text: verdicts, or where ARGV[4] is \`counted\` what is counted of them. What an earlier version kept has a verdict only.
 */
export const ENTRIES = `
local entries = redis.call('XREVRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])
local flat = { tostring(#entries), #entries > 0 and entries[#entries][1] or '' }
for _, entry in ipairs(entries) do
  local verdict, texts, counted = entry[2][2], entry[2][4], entry[2][6]
  local found = not texts or string.find(texts, ARGV[5], 1, true)
  for place = 6, #ARGV do found = found and string.find(verdict, ARGV[place], 1, true) end
  if found then
    flat[#flat + 1] = entry[1]
    flat[#flat + 1] = ARGV[4] == 'counted' and counted or verdict
  end
end
return flat`
