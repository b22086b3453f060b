"""The company file that a scenario needs in magroup: its lines, a user for each, its groups and Cisco IP phones."""

from collections.abc import Iterator, Mapping

from magroup.load.numbers import expanded, filled
from magroup.load.scenario import Group, Mailboxes, Scenario

Value = str | int | bool | list[str]


def company(scenario: Scenario) -> str:
    """TOML for ``python -m magroup import``."""
    return "\n".join(_tables(scenario))


def _tables(scenario: Scenario) -> Iterator[str]:
    yield "format = 1\n"
    secrets: dict[str, str] = {}
    tables = [(table.numbers, table.secret) for table in scenario.phones]
    tables += [(table.numbers, table.secret) for table in scenario.callers]
    for numbers, secret in tables:
        for number in expanded(numbers):
            secrets.setdefault(number, filled(secret, number))
    passwords = {user: filled(table.password, user) for table in scenario.gadgets for user in expanded(table.users)}
    boxes = {number: _mailbox(table, number) for table in scenario.mailboxes for number in expanded(table.lines)}
    for number, secret in secrets.items():
        yield _table("lines", {"number": number, "secret": secret})
        user: dict[str, Value] = {"name": f"u{number}", "first_name": "Load", "last_name": number, "lines": [number],
                                  "privileges": ["TeammateStatus"]}  # fmt: skip
        if f"u{number}" in passwords:
            user["password"] = passwords[f"u{number}"]
        user |= boxes.get(number, {})
        yield _table("users", user)
    devices = [device for table in scenario.cisco_phones for device in expanded(table.devices)]
    for device, number in zip(devices, secrets, strict=False):
        yield _table("phones", {"device_name": device, "lines": [number]})
    for group in scenario.groups:
        yield from _group(group)


def _mailbox(table: Mailboxes, number: str) -> dict[str, Value]:
    box: dict[str, Value] = {"voicemail": filled(table.number, number)}
    return box | {"voicemail_pin": filled(table.pin, number)} if table.pin else box


def _group(group: Group) -> Iterator[str]:
    yield _table("groups", {"name": f"Load {group.number}", "number": group.number, **group.options})
    for at, number in enumerate(expanded(group.members)):
        member: dict[str, Value] = {"user": f"u{number}", "number": number, "short_name": f"L{number}"}
        yield _table("groups.members", member | {"manager": True} if not at else member)


def _table(name: str, values: Mapping[str, Value]) -> str:
    return "\n".join([f"[[{name}]]", *(f"{key} = {_written(value)}" for key, value in values.items()), ""])


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
