"""The load tool on the second core, and its report."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.sip_servers import TREE, Server, pinned


def loaded(server: Server, scenario: str, *arguments: str) -> dict[str, Any]:
    """Run a scenario (its text) against a server with one worker; the report for programs."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file, report = Path(folder, "scenario.toml"), Path(folder, "report.json")
        file.write_text(scenario)
        command = [
            *pinned(1), sys.executable, "-m", "magroup", "load", str(file), "--against", f"sip:{server.host}:5060",
            "--workers", "1", "--pid", str(server.pid), "--json", str(report), *arguments,
        ]  # fmt: skip
        done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=False)
        if not report.exists():
            raise SystemExit(done.stderr[-2000:])
        found: dict[str, Any] = json.loads(report.read_text())
    if found["problem"]:
        raise SystemExit(found["problem"])
    return found
