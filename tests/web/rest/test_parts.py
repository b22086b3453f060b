"""Parts of the XML services on their own: parameters from any bytes, turns, kept answers, paths."""

from io import BytesIO
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from werkzeug.exceptions import HTTPException

from magroup.web.rest import is_upload
from magroup.web.rest.kept_answers import LARGEST_KEPT, KeptAnswers
from magroup.web.rest.parameters import read_parameters
from magroup.web.rest.turns import SLICE, Turns
from magroup.web.rest.xml import document, leaf

KINDS = ("", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data", "text/html")
PIECES = st.sampled_from(
    (b"--b", b"--b--", b"\r\n", b"\n", b'Content-Disposition: form-data; name="a"', b'; filename="x"', b": ", b"\xff",
     b"Content-Type: multipart/mixed", b"a=1&", b"%", b"%C3%A4", b"=", b"&", b";", b"\0")
)  # fmt: skip


class AnyRequest(SynchronousTestCase):
    """``read_parameters``."""

    @given(
        st.one_of(st.binary(max_size=60), st.lists(PIECES).map(b"".join)),
        st.sampled_from(KINDS),
        st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(b"".join)),
    )
    def test_any_bytes(self, query: bytes, kind: str, body: bytes) -> None:
        """Parameters, or a 4xx."""
        try:
            parameters = read_parameters(query, kind, BytesIO(body))
        except HTTPException as refused:
            self.assertIn(refused.code, (400, 413, 415))
            return
        for name, value in parameters.key:
            self.assertEqual((name, value), (name.casefold().strip(), value.strip()))

    @given(st.text(), st.text())
    def test_any_text_in_an_answer(self, text: str, other: str) -> None:
        texts = [one.encode("utf-8", "ignore").decode() for one in (text, other)]
        self.assertIn(b"<Response>", document("x", [leaf("a", one) for one in texts]))


class TurnsTests(SynchronousTestCase):
    """``Turns``: each piece of work takes 1 ms on the clock."""

    def test_a_slice_in_each_round(self) -> None:
        clock = Clock()
        turns, done = Turns(clock), []  # type: ignore[arg-type, var-annotated]

        async def work(name: int) -> None:
            await turns.turn()
            clock.rightNow += 0.001
            done.append(name)

        for name in range(20):
            Deferred.fromCoroutine(work(name))
        rounds = [len(done)]
        while clock.calls:
            # One at a time, as a reactor does it: what is called later by a call waits for the next round.
            clock.calls.pop(0).func()
            rounds.append(len(done))
        self.assertEqual(done, list(range(20)))
        most = round(SLICE / 0.001) + 1
        self.assertTrue(all(later - before <= most for before, later in pairwise(rounds)), rounds)
        self.assertGreaterEqual(rounds[0], 1)
        # Nothing is left behind: the next one does not wait.
        Deferred.fromCoroutine(work(20))
        self.assertEqual(done[-1], 20)


class KeptAnswersTests(SynchronousTestCase):
    """``KeptAnswers``."""

    def test_for_one_state(self) -> None:
        kept = KeptAnswers()
        sent = (("gr_id", "45"),)
        self.assertIsNone(kept.get("f", sent, 1))
        kept.keep("f", sent, 1, b"x")
        self.assertEqual(kept.get("f", sent, 1), b"x")
        self.assertIsNone(kept.get("f", sent, 2))
        self.assertIsNone(kept.get("g", sent, 1))
        self.assertIsNone(kept.get("f", (), 1))
        kept.keep("f", (), 2, b"y")
        self.assertIsNone(kept.get("f", sent, 1))

    def test_large_ones_are_not_kept(self) -> None:
        kept = KeptAnswers()
        kept.keep("f", (), 1, bytes(LARGEST_KEPT + 1))
        self.assertIsNone(kept.get("f", (), 1))
        kept.keep("f", (("a", "x" * LARGEST_KEPT),), 1, b"x")
        self.assertIsNone(kept.get("f", (("a", "x" * LARGEST_KEPT),), 1))


class Paths(SynchronousTestCase):
    """Where bodies may be large."""

    def test_paths(self) -> None:
        base = b"/Applications/inbound/MA%20Group/rest/"
        for path, upload in (
            (base + b"groups/addGroup.asp", False),
            (base.upper() + b"FILES/UPLOADWAV.ASP", True),
            (base + b"files/upload%4dp3.asp?x=1", True),
            (base + b"files/uploadWAV", True),
            (base + b"files/uploadWAV.asp/x", False),
            (base + b"files/getWAVs.asp?/uploadWAV.asp", False),
            (b"/LogonPage.asp?x=" + base + b"files/uploadWAV.asp", False),
            (b"/static" + base, False),
        ):
            self.assertEqual(is_upload(path), upload, path)
