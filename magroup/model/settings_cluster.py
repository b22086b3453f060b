"""The settings of several nodes: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import settings_rules as rules
from magroup.model.setting import setting


@dataclass(frozen=True)
class RedisSettings:
    """Redis, for several nodes; a single one needs none."""

    url: str = setting(
        "",
        "Where Redis is, such as redis://127.0.0.1:6379/0, rediss://HOST for TLS, or "
        "redis+sentinel://HOST:26379,HOST:26379/NAME; empty: none.",
        check=rules.redis_url,
        secret=True,
        at_start=True,
        names_file=rules.is_socket_url,
    )


@dataclass(frozen=True)
class ClusterSettings:
    """This server as one of several nodes on one database; they find each other by Redis."""

    node: str = setting(
        "",
        "Name of this node, another one for each, such as a or zurich1; empty: the first part of the machine's name.",
        check=rules.node_or_empty,
        at_start=True,
        storable=False,
    )
