"""Somebody sets the machine's clock an hour forward, then two hours back, while people talk: nobody notices."""

import time
from pathlib import Path

from twisted.trial.unittest import TestCase

from tests.live.pbx import hear_each_other, talking
from tests.live.phones import baresips
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.peers import until

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), Path("/missing"))
HOUR = 3600.0


class ClockSet(TestCase):
    """A real process whose calendar comes from a file; what goes by is the machine's."""

    timeout = 120

    async def test_in_a_call(self) -> None:
        """It goes on, lasts as long as it does, and is stored by the new time; phones stay registered."""
        file = Path(self.mktemp()).absolute()
        file.write_text("+0\n")
        server = await Twistd(
            self, company("manager_timeout = 60\n"), LD_PRELOAD=str(LIBRARY), FAKETIME_TIMESTAMP_FILE=str(file),
            FAKETIME_CACHE_DURATION="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
        ).start()  # fmt: skip
        began = time.monotonic()
        phones = await baresips(server, "1201", "1047")
        await talking(server, *phones)
        file.write_text(f"+{HOUR:.0f}\n")
        await server.says("clock was set forward by 3600 s")
        await hear_each_other(*phones)
        await phones[1].hold()
        await phones[1].resume()
        file.write_text(f"-{HOUR:.0f}\n")
        await server.says("clock was set back by 7200 s")
        await hear_each_other(*phones)
        await phones[0].hangup()
        await phones[1].idle()
        (record,) = await until(server.records, 20.0, what="the call in the database")
        lasted = time.monotonic() - began
        self.assertTrue(0 < record.answered_at - record.started_at < lasted)
        self.assertTrue(2.0 < record.ended_at - record.answered_at < lasted)
        self.assertTrue(-lasted < record.ended_at - (time.time() - HOUR) < lasted)
        self.assertEqual([leg.ended_at >= leg.answered_at > 0 for leg in record.legs], [True, True])
        # Its registrations have not ended, nor will they for the next run.
        await talking(server, *phones)
        await server.kill()
        await server.start(take_company=False)
        await phones[0].hangup()
        await phones[1].hangup()
        await talking(server, *phones)
        await phones[1].hangup()
        await phones[0].idle()
        self.assertNotIn("Traceback", server.output)
