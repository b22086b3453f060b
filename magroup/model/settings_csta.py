"""The settings of CSTA: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import listen
from magroup.model import settings_rules as rules
from magroup.model.setting import setting


@dataclass(frozen=True)
class CstaSettings:
    """The embedded switch offered to other programs by CSTA III over TCP or SIP: dashboards, recorders, dialers."""

    listen: tuple[str, ...] = setting(
        (),
        "Where the switch is offered, as Twisted endpoint strings such as tcp:4721:interface=10.0.0.5 or "
        "ssl:4722:privateKey=key.pem:certKey=cert.pem; empty: it is not. Passwords are sent readable without ssl.",
        check=listen.HttpListen.parse,
        at_start=True,
        names_file=listen.http_names_file,
    )
    users: tuple[str, ...] = setting(
        (), "Names of users whose programs may watch and steer all calls.", check=rules.not_empty
    )
    watchers: tuple[str, ...] = setting(
        (), "Names of users whose programs may watch all calls, but steer none.", check=rules.not_empty
    )
    open_to: tuple[str, ...] = setting(
        (),
        "Addresses or networks from which programs may watch and steer all calls without a login.",
        check=rules.network,
    )
    route_points: tuple[str, ...] = setting(
        (),
        "Numbers that belong to programs: calls to them wait until a program says where they go. Lines and groups with "
        "these numbers go before.",
        check=rules.number,
    )
    uacsta: bool = setting(
        False,
        "Whether SIP phones and programs may watch and steer the lines of the user whose line they log in with, by "
        "CSTA in a SIP dialog (uaCSTA, ECMA TR/87).",
        at_start=True,
    )
    uacsta_user: str = setting(
        "",
        "A SIP user to whom such a dialog may be addressed, beside the numbers of the lines; empty: none.",
        check=rules.uri_user_or_empty,
    )
    clients: int = setting(20, "Programs at a time; further ones are refused.", low=1, high=1000)
    clients_per_address: int = setting(5, "The same of one address.", low=1, high=1000)
    monitors: int = setting(10_000, "Monitors that one program may have.", low=1, high=1_000_000)
    requests_per_second: float = setting(
        500.0, "Requests of one program; which was quiet may ask ten times as many at once.", low=0.1, high=10_000
    )
    unsent: int = setting(
        4 << 20,
        "What waits for a program that does not read; with more it is cut off.",
        unit="bytes",
        low=64 << 10,
        high=1 << 30,
    )
    session: int = setting(180, "Longest time that a session is granted at once.", unit="s", low=10, high=86400)
    heartbeat: int = setting(
        60, "Interval of the signs of life that registered programs have to answer.", unit="s", low=5, high=3600
    )
