"""The API against its own OpenAPI document: schemathesis sends right and wrong requests to a real server."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from tests.live.twistd import Twistd

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance,ignored_auth"
)
SCOPES = "users lines phones contacts trunks groups presence forwarding calls journal sounds settings audit voicemail"
ENDLESS = "/events"


class Contract(TestCase):
    """No answer that the document does not have, none of the server's errors, nothing accepted that it forbids."""

    timeout = 580

    async def test_contract(self) -> None:
        limits = {"MAGROUP_API_REQUESTS_PER_SECOND": "1000000", "MAGROUP_LOG_LEVEL": "warn"}
        server = Twistd(self, "", "--demo", listen=("udp:127.0.0.1:0",), **limits)
        server.cpu_seconds = 500
        await server.start()
        token = await deferToThread(_token, server.url, server.folder)
        code, output = await deferToThread(_run, server.url, server.folder, token)
        self.assertEqual(code, 0, output[-20_000:])
        selected, tested = (int(_found(rf"{word}: (\d+)", output)) for word in ("Selected", "Tested"))
        sent = int(_found(r"(\d+) generated", output))
        self.assertEqual(tested, selected)
        self.assertGreater(sent, 15 * tested)
        # It was tried to the end by somebody who may do everything.
        self.assertEqual(_curl(server.url + "api/v1/me", "-H", f"Authorization: Bearer {token}")["user_name"], "admin")
        self.assertNotIn("Traceback", server.output)
        await server.terminate()


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, (pattern, text[-2000:])
    return found[1]


def _run(url: str, folder: Path, token: str) -> tuple[int, str]:
    command = [SCHEMATHESIS, "run", f"{url}api/v1/openapi.json", "-H", f"Authorization: Bearer {token}"]
    command += ["--checks", CHECKS, "--phases", "coverage", "--seed", "1"]
    command += ["--exclude-path", ENDLESS, "--continue-on-failure", "--no-color", "--generation-database", "none"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=500)
    return done.returncode, done.stdout + done.stderr


def _token(url: str, folder: Path) -> str:
    """A new one of the demo company's administrator, with all scopes."""
    jar = str(folder / "jar")
    subprocess.run(["curl", "-s", "-c", jar, f"{url}LogonPage.asp?user=admin&pwd=demo"], check=True, timeout=30)
    csrf = _curl(f"{url}api/v1/me", "-b", jar)["csrf_token"]
    body = json.dumps({"name": "contract", "scopes": [f"{name}:write" for name in SCOPES.split()]})
    form = ["-H", f"X-CSRF-Token: {csrf}", "-H", "Content-Type: application/json", "-d", body]
    return str(_curl(f"{url}api/v1/me/tokens", "-b", jar, *form)["secret"])


def _curl(url: str, *arguments: str) -> Any:
    done = subprocess.run(["curl", "-s", "-S", *arguments, url], capture_output=True, check=True, timeout=30)
    return json.loads(done.stdout)
