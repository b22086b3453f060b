"""The configuration file of a linphone-daemon 5.1."""

from dataclasses import dataclass
from pathlib import Path

OFF = 0


@dataclass(frozen=True)
class Setup:
    """What is configured; see `Linphone`."""

    name: str
    ip: str
    port: int
    registrar: str | None
    domain: str
    secret: str
    auth_user: str
    transport: str
    expires: int
    early_media: bool
    rtp_first: int
    rtp_last: int
    authority: Path | None
    publish: bool
    srtp: bool


def write(setup: Setup, directory: Path) -> None:
    """Write what the phone needs into `directory`, which becomes its home."""
    for folder in (".local/share/linphone", ".config/linphone", ".cache"):
        (directory / folder).mkdir(parents=True)
    (directory / "linphonerc").write_text(config(setup))


def config(setup: Setup) -> str:
    """The file `linphonerc`."""
    for word in (setup.name, setup.secret, setup.auth_user, setup.domain):
        if set(word) & set('"<>\r\n'):
            raise ValueError(f"linphone cannot take {word!r}")
    ports = {kind: setup.port if setup.transport == kind else OFF for kind in ("udp", "tcp", "tls")}
    own = f"[{setup.ip}]" if ":" in setup.ip else setup.ip
    sections: dict[str, dict[str, object]] = {
        "sip": {
            "sip_port": ports["udp"],
            "sip_tcp_port": ports["tcp"],
            "sip_tls_port": ports["tls"],
            "guess_hostname": 0,
            "contact": f'"{setup.name}" <sip:{setup.name}@{own}:{setup.port}>',
            "default_proxy": 0 if setup.registrar else -1,
            "register_only_when_network_is_up": 0,
            "auto_net_state_mon": 0,
            # without it use_ipv6 is thrown away at the first start
            "ipv6_migration_done": 1,
            "use_ipv6": int(":" in setup.ip),
            "bind_address": setup.ip,
            "inc_timeout": 120,
            "incoming_calls_early_media": int(setup.early_media),
            "media_encryption": "srtp" if setup.srtp else "none",
            "media_encryption_mandatory": int(setup.srtp),
            "verify_server_certs": int(setup.authority is not None),
            "verify_server_cn": 0,
            **({"root_ca": setup.authority} if setup.authority else {}),
        },
        "net": {"mtu": 1300, "firewall_policy": 0},
        "rtp": {"audio_rtp_port": f"{setup.rtp_first}-{setup.rtp_last}", "bind_address": setup.ip},
        "video": {
            "enabled": 0,
            "capture": 0,
            "display": 0,
            "automatically_initiate": 0,
            "automatically_accept": 0,
        },
    }
    if setup.registrar:
        sections["proxy_0"] = {
            "reg_proxy": f"<sip:{setup.registrar};transport={setup.transport}>",
            "reg_identity": f'"{setup.name}" <sip:{setup.name}@{setup.domain}>',
            "reg_expires": setup.expires,
            "reg_sendregister": 1,
            "publish": int(setup.publish),
        }
        sections["auth_info_0"] = {
            "username": setup.name,
            "userid": setup.auth_user,
            "passwd": setup.secret,
            "realm": "*",
        }
    lines = []
    for section, settings in sections.items():
        lines += [f"[{section}]", *(f"{key}={value}" for key, value in settings.items())]
    return "\n".join(lines) + "\n"
