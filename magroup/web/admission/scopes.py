"""The scopes of tokens: what a program may do with each kind of thing of the JSON API."""

RESOURCES = (
    *("users", "lines", "phones", "contacts", "groups", "presence", "forwarding", "calls", "journal", "sounds"),
    *("trunks", "settings", "audit", "events", "voicemail"),
)
SCOPES = frozenset(f"{resource}:{access}" for resource in RESOURCES for access in ("read", "write"))
"""``groups:read``, ``groups:write`` and so on; to write is to read as well."""


def allows(scopes: frozenset[str], wanted: str) -> bool:
    """Whether ``scopes`` have ``wanted`` in them; "" is in all of them."""
    resource, _, access = wanted.partition(":")
    return not wanted or wanted in scopes or (access == "read" and f"{resource}:write" in scopes)
