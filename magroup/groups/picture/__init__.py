"""The picture of a group as its viewers see it: members, what they are doing, and their calls (spec 4)."""

from magroup.groups.picture.eyes import Eyes, Onlooker, groups_for, onlooker
from magroup.groups.picture.members import MemberView, member_view
from magroup.groups.picture.scene import Scene, scene_of

__all__ = ["Eyes", "MemberView", "Onlooker", "Scene", "groups_for", "member_view", "onlooker", "scene_of"]
