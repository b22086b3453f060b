"""Members who go: their lines show the group no more, unless somebody else of it has the same line."""

from collections.abc import Collection

from magroup.groups.editing import Rules, edits
from magroup.model.configuration import Configuration


def without_members(configuration: Configuration, rules: Rules, ids: Collection[int]) -> Configuration:
    """Without these members, their VIP lists, and the group on their lines."""
    gone = [configuration.member_by_id[id] for id in ids]
    configuration = edits.delete_members(configuration, ids)
    for member in gone:
        line = configuration.line(member.number)
        left = {other.number for other in configuration.members_of(member.group_id)}
        if line is not None and line.displayed_group == member.group_id and member.number not in left:
            configuration = edits.change_line(configuration, rules, line.number, {"displayed_group": 0})
    return configuration
