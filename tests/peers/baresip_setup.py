"""The configuration files of a baresip 1.0.0."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.peers.audio import Samples, tone, write_wav

MODULES = Path("/usr/lib/baresip/modules")
CODECS = {"PCMU": "PCMU/8000/1", "PCMA": "PCMA/8000/1", "G722": "G722/16000/1"}
TONE_SECONDS = 120
RECORDINGS = "recordings"
SOURCE = "source.wav"


@dataclass(frozen=True)
class Setup:
    """What is configured; see `Baresip`."""

    name: str
    ip: str
    port: int
    registrar: str | None
    domain: str
    secret: str
    auth_user: str
    answer: str
    codecs: tuple[str, ...]
    transport: str
    expires: int
    control: tuple[str, int]
    rtp_first: int
    rtp_last: int
    source: Path | None
    tone: float
    certificate: Path | None
    authority: Path | None
    mwi: bool
    srtp: str

    @property
    def rate(self) -> int:
        """The rate of the first codec's audio."""
        return int(CODECS[self.codecs[0]].split("/")[1])


def write(setup: Setup, directory: Path) -> None:
    """Write everything the phone needs into `directory`."""
    (directory / RECORDINGS).mkdir(parents=True)
    if setup.source is not None:
        (directory / SOURCE).symlink_to(setup.source.absolute())
    else:
        write_wav(directory / SOURCE, _tone(setup.tone, setup.rate), setup.rate)
    (directory / "config").write_text(config(setup))
    (directory / "accounts").write_text("" if setup.mwi else account(setup))
    (directory / "contacts").write_text("")


@lru_cache(maxsize=16)
def _tone(frequency: float, rate: int) -> Samples:
    """What a phone says; few different ones are asked for, again and again."""
    return tone(frequency, TONE_SECONDS, rate)


def config(setup: Setup) -> str:
    """The file `config`."""
    own = f"[{setup.ip}]" if ":" in setup.ip else setup.ip
    settings = [
        "poll_method epoll",
        f"sip_listen {own}:{setup.port}",
        "call_local_timeout 120",
        "call_max_calls 8",
        "audio_player aubridge,null",
        # relative to where it runs, as snd_path: the end of more than 127 characters is cut off, and a phone that then
        # finds no sound does not answer, without a word
        f"audio_source aufile,{SOURCE}",
        "audio_alert aubridge,null",
        "audio_channels 1",
        "audio_level no",
        "ausrc_format s16",
        "auplay_format s16",
        "auenc_format s16",
        "audec_format s16",
        "audio_buffer 20-160",
        f"rtp_ports {setup.rtp_first}-{setup.rtp_last}",
        "rtcp_mux no",
        "jitter_buffer_delay 1-10",
        "rtp_stats no",
        f"net_interface {setup.ip}",
        f"module_path {MODULES}",
        "module g711.so",
        *(["module g722.so"] if "G722" in setup.codecs else []),
        "module aufile.so",
        "module aubridge.so",
        "module sndfile.so",
        "module_tmp uuid.so",
        "module_tmp account.so",
        "module_app contact.so",
        "module_app debug_cmd.so",
        "module_app menu.so",
        "module_app ctrl_tcp.so",
        *(["module srtp.so"] if setup.srtp else []),
        *(["module_app mwi.so"] if setup.mwi else []),
        f"snd_path {RECORDINGS}",
        f"ctrl_tcp_listen {setup.control[0]}:{setup.control[1]}",
    ]
    if setup.certificate:
        settings.append(f"sip_certificate {setup.certificate}")
    if setup.authority:
        settings.append(f"sip_cafile {setup.authority}")
    return "\n".join(settings) + "\n"


def account(setup: Setup) -> str:
    """The file `accounts`, with one account."""
    for word in (setup.name, setup.auth_user, setup.secret, setup.domain):
        if set(word) & set(';"<>\r\n\t '):
            raise ValueError(f"baresip cannot take {word!r}")
    if len({CODECS[codec].split("/")[1] for codec in setup.codecs}) > 1:
        raise ValueError(f"baresip cannot speak one file at the rates of {setup.codecs}")
    transport = "" if setup.transport == "udp" else f";transport={setup.transport}"
    parameters = [
        f"auth_user={setup.auth_user}",
        f"auth_pass={setup.secret}",
        f"answermode={setup.answer}",
        f"regint={setup.expires if setup.registrar else 0}",
        "audio_codecs=" + ",".join(CODECS[codec] for codec in setup.codecs),
        "ptime=20",
        f"mwi={'yes' if setup.mwi else 'no'}",
        "call_transfer=yes",
    ]
    if setup.srtp:
        parameters.append(f"mediaenc={setup.srtp}")
    if setup.registrar and setup.registrar != setup.domain:
        parameters.append(f'outbound="sip:{setup.registrar}{transport}"')
    identity = f"sip:{setup.name}@{setup.domain}{transport}"
    return f'"{setup.name}" <{identity}>;{";".join(parameters)}\n'
