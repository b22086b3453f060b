"""The calls that nodes keep for each other in Redis: a hash for each life of a node, a key for each taken call."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from magroup.cluster.kept_calls import AT_ONCE, KEPT_FOR, MOST_CALLS, OWNED_FOR, Kept

_KEEP = """
local lost = {}
local size = redis.call('HLEN', KEYS[1])
for i = 5, #ARGV, 3 do
    local id, form, key = ARGV[i], ARGV[i + 1], ARGV[1] .. 'owner:' .. ARGV[i]
    local owner = redis.call('GET', key)
    if owner and owner ~= ARGV[2] then
        lost[#lost + 1] = id
        redis.call('HDEL', KEYS[1], id)
    elseif form == '' then
        redis.call('HDEL', KEYS[1], id)
    elseif size < tonumber(ARGV[4]) or redis.call('HEXISTS', KEYS[1], id) == 1 then
        size = size + redis.call('HSET', KEYS[1], id, form)
        if ARGV[i + 2] == '1' then redis.call('SET', key, ARGV[2], 'PX', """ + str(int(OWNED_FOR * 1000)) + """) end
    end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SADD', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return lost
"""

_TAKE = """
local taken = {}
for i, id in ipairs(redis.call('HKEYS', KEYS[1])) do
    if i > tonumber(ARGV[4]) then break end
    local form = redis.call('HGET', KEYS[1], id)
    redis.call('HDEL', KEYS[1], id)
    redis.call('HSET', KEYS[2], id, form)
    redis.call('SET', ARGV[1] .. 'owner:' .. id, ARGV[2], 'PX', """ + str(int(OWNED_FOR * 1000)) + """)
    taken[#taken + 1] = id
    taken[#taken + 1] = form
end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('SADD', KEYS[4], ARGV[2])
redis.call('PEXPIRE', KEYS[4], ARGV[3])
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', KEYS[3], ARGV[5]) end
return taken
"""

_OWNED = """
local owned = {}
for i = 3, #ARGV do
    local owner = redis.call('GET', ARGV[1] .. 'owner:' .. ARGV[i])
    if owner and string.sub(owner, 1, #ARGV[2]) ~= ARGV[2] then owned[#owned + 1] = ARGV[i] end
end
return owned
"""

_EARLIER = "return redis.call('SMEMBERS', KEYS[1])"

_LEAVE = "redis.call('DEL', KEYS[1]) redis.call('SREM', KEYS[2], ARGV[1]) return 1"
_KEEP_PIECE = 200
_ASK_PIECE = 1_000

Script = Callable[[str, Sequence[str], Sequence[str | bytes]], Awaitable[Any]]


class RedisCalls:
    """``script`` runs a script of Redis, ``prefix`` begins all keys, ``me`` is the node and its life."""

    def __init__(self, script: Script, prefix: str, me: str) -> None:
        self._script = script
        self._prefix = prefix
        self._me = me
        self._node = me.partition(".")[0]
        self._lasts = str(int(KEPT_FOR * 1000))

    async def keep(self, calls: Mapping[str, Kept]) -> Collection[str]:
        lost: list[str] = []
        items = list(calls.items())
        for at in range(0, max(len(items), 1), _KEEP_PIECE):
            arguments: list[str | bytes] = [self._prefix, self._me, self._lasts, str(MOST_CALLS)]
            for id, (form, is_taken) in items[at : at + _KEEP_PIECE]:
                arguments += [id, form, "1" if is_taken else ""]
            keys = [f"calls:{self._me}", f"lives:{self._node}"]
            lost += [id.decode() for id in await self._script(_KEEP, keys, arguments) or ()]
        return lost

    def keep_at_once(self, calls: Mapping[str, Kept]) -> bool:
        return False

    async def take(self, node: str, life: str) -> Sequence[tuple[str, bytes]]:
        keys = [f"calls:{node}.{life}", f"calls:{self._me}", f"lives:{node}", f"lives:{self._node}"]
        arguments = [self._prefix, self._me, self._lasts, str(AT_ONCE), f"{node}.{life}"]
        found = await self._script(_TAKE, keys, arguments) or []
        return [(id.decode(), form) for id, form in zip(found[::2], found[1::2], strict=True)]

    async def owned(self, ids: Sequence[str]) -> Collection[str]:
        owned: list[str] = []
        for at in range(0, len(ids), _ASK_PIECE):
            found = await self._script(_OWNED, [], [self._prefix, f"{self._node}.", *ids[at : at + _ASK_PIECE]])
            owned += [id.decode() for id in found or ()]
        return owned

    async def earlier(self) -> Collection[str]:
        found = [one.decode() for one in await self._script(_EARLIER, [f"lives:{self._node}"], []) or ()]
        return [one.partition(".")[2] for one in found if one != self._me]

    async def leave(self) -> None:
        await self._script(_LEAVE, [f"calls:{self._me}", f"lives:{self._node}"], [self._me])
