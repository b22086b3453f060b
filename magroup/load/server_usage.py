"""CPU and memory of the server: from the system where its process is known, else from its metrics."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from magroup.load.web import Web, WebError

TICKS = os.sysconf("SC_CLK_TCK")
_RSS = re.compile(r"VmRSS:\s+(\d+)")
_METRICS = {
    "cpu": re.compile(rb"^process_cpu_seconds_total(?:\{[^}]*\})? ([0-9.e+-]+)", re.MULTILINE),
    "memory": re.compile(rb"^process_resident_memory_bytes(?:\{[^}]*\})? ([0-9.e+-]+)", re.MULTILINE),
}


class Usage(NamedTuple):
    """CPU seconds since the server was started, memory in bytes, of all its processes."""

    cpu: float
    memory: float


def of_process(pid: int) -> Usage | None:
    """What a process of this machine and those that it has started have used, None when there is no such process."""
    try:
        process = Path(f"/proc/{pid}")
        # Its own, and that of those of its own that have ended.
        ticks = (process / "stat").read_text().rpartition(")")[2].split()[11:15]
        found = _RSS.search((process / "status").read_text())
    except OSError:
        return None
    cpu, memory = sum(map(int, ticks)) / TICKS, int(found[1]) * 1024.0 if found else 0.0
    for usage in filter(None, map(of_process, _started_by(process))):
        cpu += usage.cpu
        memory += usage.memory
    return Usage(cpu, memory)


def _started_by(process: Path) -> list[int]:
    started: list[int] = []
    for thread in process.glob("task/*/children"):
        # It may have ended meanwhile.
        with suppress(OSError):
            started += map(int, thread.read_text().split())
    return started


async def of_metrics(web: Web) -> Usage | None:
    """What the server's /metrics tell, None when they do not."""
    try:
        answer = await web.ask("GET", "/metrics")
    except WebError:
        return None
    # One for each worker, where there are several.
    cpu, memory = (list(map(float, pattern.findall(answer.body))) for pattern in _METRICS.values())
    return Usage(sum(cpu), sum(memory)) if answer.status == 200 and cpu else None
