"""Every setting of magroup: its table, name, type, default, unit, limits and meaning.

To add one, add a field to a table, or a table to ``Settings``: configuration file, environment and help page
follow, the example file after ``python -m magroup example-config > resources/magroup.example.toml``. One that a part
reads when it starts, and not again, needs ``at_start``; every other one must hold at once when it is changed.
"""

from dataclasses import dataclass

from magroup.model import listen
from magroup.model import settings_rules as rules
from magroup.model.setting import setting
from magroup.model.settings_ami import AmiSettings as AmiSettings
from magroup.model.settings_cluster import ClusterSettings as ClusterSettings
from magroup.model.settings_cluster import RedisSettings as RedisSettings
from magroup.model.settings_csta import CstaSettings as CstaSettings
from magroup.model.settings_csta_link import CstaLinkSettings as CstaLinkSettings
from magroup.model.settings_journal import JournalSettings as JournalSettings
from magroup.model.settings_log import LogSettings as LogSettings
from magroup.model.settings_log import SyslogSettings as SyslogSettings
from magroup.model.settings_outside import OutsideSettings as OutsideSettings
from magroup.model.settings_overload import OverloadSettings as OverloadSettings
from magroup.model.settings_phones import PhonesSettings as PhonesSettings
from magroup.model.settings_protection import ProtectionSettings as ProtectionSettings
from magroup.model.settings_rtp import RtpSettings as RtpSettings
from magroup.model.settings_trace import HepSettings as HepSettings
from magroup.model.settings_trace import TraceSettings as TraceSettings
from magroup.model.settings_voicemail import VoicemailSettings as VoicemailSettings


@dataclass(frozen=True)
class HttpSettings:
    """The web server: status page, administration, REST, phone services and gadget."""

    listen: tuple[str, ...] = setting(
        ("tcp:8080",),
        "Where the web server listens, as Twisted endpoint strings such as tcp:8080:interface=127.0.0.1 or "
        "ssl:8443:privateKey=key.pem:certKey=cert.pem.",
        check=listen.HttpListen.parse,
        at_start=True,
        names_file=listen.http_names_file,
    )
    body_limit: int = setting(1 << 20, "Largest request body.", unit="bytes", low=1024, high=1 << 30)
    upload_limit: int = setting(
        32 << 20,
        "Largest request body of an upload by somebody who is logged in or sends credentials, or from this machine "
        "itself.",
        unit="bytes",
        low=1024,
        high=1 << 32,
    )
    max_connections: int = setting(2000, "Connections at a time; further ones are closed.", low=10, high=100_000)
    connections_per_address: int = setting(
        500,
        "Connections that one address (of IPv6: a network of 64 bits) may open; this machine itself and trusted "
        "proxies may open more.",
        low=1,
        high=100_000,
    )
    websocket_message_limit: int = setting(
        4 << 10, "Largest WebSocket message from a browser.", unit="bytes", low=256, high=1 << 20
    )
    failed_logins_per_hour: int = setting(
        100,
        "Failed logins after which an address is refused for the rest of the hour.",
        low=1,
        high=1_000_000,
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "Addresses or networks of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        check=rules.network,
    )
    metrics_open_to: tuple[str, ...] = setting(
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
            *("::1", "fc00::/7", "fe80::/10"),
        ),
        "Addresses or networks that may read /metrics without a login.",
        check=rules.network,
    )
    framed_by: tuple[str, ...] = setting(
        (),
        "Other sites that may show the gadget in a frame, such as https://*.webex.com; their frames need https.",
        check=rules.origin,
    )
    access_log: bool = setting(True, "A line in the log for each request, without its query.")


@dataclass(frozen=True)
class AccountsSettings:
    """Logins on the web and of the REST services."""

    session_idle: int = setting(
        28800, "A login on the web ends after this time without a request.", unit="s", low=60, high=31_536_000
    )
    session_lifetime: int = setting(
        604800, "A login on the web ends after this time at the latest.", unit="s", low=60, high=31_536_000
    )
    failed_logins_per_hour: int = setting(
        100,
        "Failed logins after which an account is refused for the rest of the hour, but not to addresses that it has "
        "been used from.",
        low=1,
        high=1_000_000,
    )
    login_by_address: bool = setting(
        True,
        "Accept user and password in the address of the login page, as the auto login of Jabber and COC needs; "
        "such addresses stay in the histories of browsers and the logs of proxies.",
    )
    remember_basic: int = setting(
        60,
        "Time in which credentials of a REST client that were right need not be compared again; 0: none.",
        unit="s",
        low=0,
        high=600,
    )
    shortest_password: int = setting(8, "Least number of characters of a new password.", low=4, high=128)


@dataclass(frozen=True)
class SipSettings:
    """The embedded SIP switch: transports, registrations and timers (RFC 3261)."""

    listen: tuple[str, ...] = setting(
        ("udp:5060", "tcp:5060"),
        "Where the switch listens: udp:PORT, tcp:PORT, udp:ADDRESS:PORT, udp:[IPV6]:PORT, "
        "tls:PORT:cert=FILE:key=FILE.",
        check=listen.SipListen.parse,
        at_start=True,
        names_file=listen.sip_names_file,
    )
    domain: str = setting(
        "magroup",
        "Domain of the users and realm of the digest authentication.",
        check=rules.realm,
        at_start=True,
    )
    advertised_address: str = setting(
        "",
        "Host name or address at which phones reach the switch; empty: the one that a packet leaves from.",
        check=rules.host_or_empty,
        at_start=True,
    )
    message_limit: int = setting(64 << 10, "Largest SIP message.", unit="bytes", low=2048, high=1 << 20)
    expiry_min: int = setting(60, "Shortest registration granted.", unit="s", low=1, high=86400)
    expiry_default: int = setting(
        3600, "Registration granted to a phone that asks for none in particular.", unit="s", low=1, high=86400
    )
    expiry_max: int = setting(7200, "Longest registration granted.", unit="s", low=1, high=604800)
    nonce_lifetime: int = setting(
        3600,
        "Life of a digest nonce for registrations; one for calls lives 300 s at most.",
        unit="s",
        low=5,
        high=86400,
    )
    session_expires: int = setting(
        1800, "Session timer asked for in calls (RFC 4028); 0: none.", unit="s", low=0, high=86400
    )
    min_se: int = setting(90, "Shortest session timer accepted (RFC 4028).", unit="s", low=90, high=86400)
    t1: float = setting(
        0.5,
        "Timer T1: the round trip from which all retransmissions follow.",
        unit="s",
        low=0.05,
        high=5,
        at_start=True,
    )
    max_connections: int = setting(
        2000, "TCP and TLS connections at a time, of each worker; further ones are closed.", low=1, high=100_000
    )
    connections_per_address: int = setting(
        500, "TCP and TLS connections that one address may open.", low=1, high=100_000
    )
    tls_authorities: str = setting(
        "",
        "PEM file with the authorities that sign the certificates of TLS trunks; empty: the system's.",
        at_start=True,
        storable=False,
    )
    tls_verify: bool = setting(True, "Check the certificates of TLS trunks.", at_start=True)
    idle_timeout: int = setting(
        600, "Life of a TCP or TLS connection on which nothing is received.", unit="s", low=10, high=86400
    )
    options_ping_interval: int = setting(
        60, "Interval of the OPTIONS pings to registered phones; 0: none.", unit="s", low=0, high=3600
    )
    subscription_min: int = setting(
        60, "Shortest subscription or publication granted.", unit="s", low=1, high=86400
    )
    subscription_max: int = setting(
        3600, "Longest subscription or publication granted.", unit="s", low=1, high=604800
    )
    max_subscriptions: int = setting(
        20_000,
        "Subscriptions of all phones at a time, of each worker: busy lamps, presence, messages.",
        low=1,
        high=1_000_000,
    )
    subscriptions_per_line: int = setting(
        250, "Subscriptions that the phones of one line may have.", low=1, high=10_000
    )
    max_forwards: int = setting(70, "Max-Forwards of new requests.", low=10, high=255)
    server_name: str = setting(
        "",
        "Server and User-Agent header; empty: magroup and its version.",
        check=rules.header_text,
    )


@dataclass(frozen=True)
class CallsSettings:
    """Calls in general."""

    early_media: bool = setting(
        False, "Play announcements before the call is answered (183): callers pay only when somebody answers."
    )
    max_calls: int = setting(
        1000, "Calls at a time, of all workers together; further ones get 503.", low=1, high=100_000
    )
    ring_timeout: int = setting(180, "Ringing time of a call to a plain line.", unit="s", low=5, high=3600)
    pickup_code: str = setting(
        "*8",
        "Code by which members pick up the calls of their groups, alone or before a member's number; empty: none.",
        check=rules.service_code,
    )


@dataclass(frozen=True)
class NumbersSettings:
    """How telephone numbers are written at this site, so that two spellings of one number are recognised."""

    international_prefix: str = setting("00", "Digits dialled in place of +.", check=rules.digits_or_empty)
    national_prefix: str = setting(
        "0", "Digits dialled in front of an area code.", check=rules.digits_or_empty
    )
    country_code: str = setting("", "Own country code, such as 41.", check=rules.digits_or_empty)
    area_code: str = setting("", "Own area code without its prefix, such as 31.", check=rules.digits_or_empty)


@dataclass(frozen=True)
class RestSettings:
    """The REST services."""

    loopback_without_login: bool = setting(
        True, "Requests from this machine itself need no login, unless a proxy passed them on."
    )


@dataclass(frozen=True)
class ApiSettings:
    """The JSON API."""

    requests_per_second: float = setting(
        100.0, "Requests of one user from one address; who was quiet may ask ten times as many at once.",
        low=0.1, high=1_000_000,
    )  # fmt: skip
    event_streams: int = setting(1000, "Clients that follow events at the same time.", low=1, high=100_000)
    event_streams_per_user: int = setting(10, "The same of one user.", low=1, high=100_000)


@dataclass(frozen=True)
class GadgetSettings:
    """The gadget: browsers that show a group's calls."""

    sockets: int = setting(2000, "Gadgets that are open at the same time.", low=1, high=100_000)
    sockets_per_user: int = setting(
        20, "The same of one user; with one more the oldest is closed.", low=1, high=100_000
    )
    commands_per_second: float = setting(
        5.0, "Commands from one gadget; which was quiet may give ten times as many at once.", low=0.1, high=1000
    )


@dataclass(frozen=True)
class GroupsSettings:
    """Groups."""

    identify_to_manager: bool = setting(
        False, "Use a group's caller name and number identification on the manager's phone too."
    )


@dataclass(frozen=True)
class Settings:
    """What is common to all parts; it stands above the tables of the file."""

    data: str = setting(
        "magroup-data",
        "Folder for database, sounds, mailboxes and journal; made when it is missing.",
        check=rules.not_empty,
        at_start=True,
        storable=False,
    )
    database: str = setting(
        "",
        "Database URL, such as postgresql://magroup:secret@db/magroup; empty: SQLite in the data folder.",
        check=rules.database_url,
        secret=True,
        at_start=True,
        storable=False,
    )
    key_file: str = setting(
        "",
        "File with the key that passwords in the database are encrypted with, made at the first start; empty: "
        "secrets.key in the data folder.",
        at_start=True,
        storable=False,
    )
    instance: str = setting(
        "MAGroup", "Name of this instance, a part of all web addresses.", check=rules.instance, at_start=True
    )
    public_url: str = setting(
        "",
        "Address under which browsers and phones reach the web server, such as https://calls.example.com; "
        "empty: the one they used.",
        check=rules.public_url,
    )
    language: str = setting("en", "Language where no user has chosen one.", choices=("en", "de", "fr"))
    time_zone: str = setting(
        "",
        "Time zone of reports and pages, such as Europe/Zurich; empty: this machine's.",
        check=rules.time_zone,
    )
    workers: int = setting(
        1,
        "How many processes serve SIP on the same ports, one for each core; each is a node of its own.",
        low=1,
        high=16,
        at_start=True,
        storable=False,
    )
    cti: str = setting(
        "embedded",
        "The switch: embedded; beside it a PBX: csta:tcp:host=HOST:port=PORT (or csta:ssl:...), see csta_link, or an "
        "Asterisk: ami:tcp:host=HOST:port=5038 (or ami:tls:...), see ami.",
        check=rules.cti,
        at_start=True,
    )
    http: HttpSettings = HttpSettings()
    accounts: AccountsSettings = AccountsSettings()
    sip: SipSettings = SipSettings()
    protection: ProtectionSettings = ProtectionSettings()
    rtp: RtpSettings = RtpSettings()
    calls: CallsSettings = CallsSettings()
    overload: OverloadSettings = OverloadSettings()
    outside: OutsideSettings = OutsideSettings()
    numbers: NumbersSettings = NumbersSettings()
    rest: RestSettings = RestSettings()
    api: ApiSettings = ApiSettings()
    gadget: GadgetSettings = GadgetSettings()
    phones: PhonesSettings = PhonesSettings()
    csta: CstaSettings = CstaSettings()
    csta_link: CstaLinkSettings = CstaLinkSettings()
    ami: AmiSettings = AmiSettings()
    groups: GroupsSettings = GroupsSettings()
    voicemail: VoicemailSettings = VoicemailSettings()
    journal: JournalSettings = JournalSettings()
    trace: TraceSettings = TraceSettings()
    hep: HepSettings = HepSettings()
    log: LogSettings = LogSettings()
    syslog: SyslogSettings = SyslogSettings()
    redis: RedisSettings = RedisSettings()
    cluster: ClusterSettings = ClusterSettings()
