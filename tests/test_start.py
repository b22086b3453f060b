"""What a start does not read: most of its second are imports, and what few servers need waits until it is used."""

import subprocess
import sys
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from tests.server_process import environment

LATER = (
    "PIL", "alembic", "autobahn", "ldap3", "markdown_it", "openpyxl", "psycopg", "pycparser", "pygal",
    "sqlalchemy.dialects.postgresql", "sqlalchemy.orm", "tomli_w", "treq", "txredisapi",
    "magroup.ami", "magroup.csta", "magroup.load", "magroup.uacsta",
    "magroup.cluster.redis", "magroup.web.admin.table", "magroup.web.gadget.sockets",
    "magroup.web.phone.display.drawing",
)  # fmt: skip
"""What takes long to be read, and what brings such things with it. A start took 0.5 s longer with these."""

READ = """
import sys
import twisted.scripts.twistd, magroup.twistd, magroup.service
print(*sys.modules)
"""


class Start(SynchronousTestCase):
    """A process that has read what ``twistd magroup`` reads."""

    def test_waits_with_what_few_need(self) -> None:
        with TemporaryDirectory() as folder:
            read = subprocess.run(
                [sys.executable, "-c", READ], cwd=folder, env=environment(), capture_output=True, text=True,
                timeout=120, check=True,
            ).stdout.split()  # fmt: skip
        self.assertIn("magroup.service", read)
        self.assertEqual(sorted(set(read) & set(LATER)), [])
