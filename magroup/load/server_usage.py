"""CPU and memory of the server: from the system where its process is known, else from its metrics."""

import os
import re
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
    """CPU seconds since the process was started, memory in bytes."""

    cpu: float
    memory: float


def of_process(pid: int) -> Usage | None:
    """What a process of this machine has used, None when there is no such process."""
    try:
        process = Path(f"/proc/{pid}")
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        found = _RSS.search((process / "status").read_text())
    except OSError:
        return None
    return Usage((int(fields[11]) + int(fields[12])) / TICKS, int(found[1]) * 1024.0 if found else 0.0)


async def of_metrics(web: Web) -> Usage | None:
    """What the server's /metrics tell, None when they do not."""
    try:
        answer = await web.ask("GET", "/metrics")
    except WebError:
        return None
    cpu, memory = (pattern.search(answer.body) for pattern in _METRICS.values())
    if answer.status != 200 or cpu is None:
        return None
    return Usage(float(cpu[1]), float(memory[1]) if memory else 0.0)
