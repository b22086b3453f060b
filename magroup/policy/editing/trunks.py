"""Trunks to other switches."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.lines import Trunk
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.rules import check_integer, check_room, check_text, unknown, with_instead, with_new

MOST_TRUNKS = 1_000


def trunk_of(configuration: Configuration, id: int) -> Trunk:
    for found in configuration.trunks:
        if found.id == id:
            return found
    raise unknown("trunk_id", "trunk", id)


def add_trunk(configuration: Configuration, values: Mapping[str, Any]) -> Configuration:
    """A new trunk; its id is ``last_ids.trunks`` of what is returned."""
    check_room("trunks", len(configuration.trunks), MOST_TRUNKS)
    trunk = _checked(configuration, Trunk(0, "", ""), replace(Trunk(0, "", ""), **values))
    return with_new(configuration, "trunks", trunk)


def change_trunk(configuration: Configuration, id: int, values: Mapping[str, Any]) -> Configuration:
    before = trunk_of(configuration, id)
    return with_instead(configuration, "trunks", before, _checked(configuration, before, replace(before, **values)))


def delete_trunk(configuration: Configuration, id: int) -> Configuration:
    gone = trunk_of(configuration, id)
    return configuration.changed(trunks=tuple(trunk for trunk in configuration.trunks if trunk is not gone))


def _checked(configuration: Configuration, before: Trunk, trunk: Trunk) -> Trunk:
    check_text("name", trunk.name, checks.name, required=True)
    for other in configuration.trunks:
        if other.id == before.id:
            continue
        if other.name.casefold() == trunk.name.casefold():
            raise EditError(Problem.TAKEN, "name", f"there is a trunk {other.name} already")
        if other.is_default and trunk.is_default:
            raise EditError(Problem.TAKEN, "is_default", f"the trunk {other.name} is the default already")
    check_text("address", trunk.address, checks.address, required=True)
    check_text("user_name", trunk.user_name, required=trunk.registers)
    check_text("password", trunk.password)
    check_text("prefix", trunk.prefix, checks.prefix)
    check_integer("strip", trunk.strip, 0, 32)
    check_integer("expires", trunk.expires, 30, 604_800)
    if not 0 <= trunk.ping_interval <= 86_400:
        raise EditError(Problem.INVALID, "ping_interval", "ping_interval must be a number from 0 to 86400")
    for address in trunk.inbound_addresses:
        check_text("inbound_addresses", address, checks.network)
    return trunk
