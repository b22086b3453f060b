"""Parts of the XML services on their own: parameters from any bytes, turns, kept answers, paths."""

from io import BytesIO
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.sansio.multipart import Field

from magroup.web.multipart import multipart
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


class Multipart(SynchronousTestCase):
    """``multipart``: what is longer than any program sends is refused before it is looked into."""

    NAME = b'Content-Disposition: form-data; name="gr_id"'
    END = b"--b--\r\n"

    def parts(self, body: bytes, most: int = 200) -> int:
        """How many parts the body has."""
        return sum(isinstance(event, Field) for event in multipart(BytesIO(body), "b", most))

    def part(self, *more: bytes) -> bytes:
        return b"\r\n".join((b"--b", self.NAME, *more, b"", b"45", b""))

    def test_taken(self) -> None:
        usual = self.part(b"Content-Type: text/plain; charset=utf-8", b"Content-Length: 2")
        for body, count in (
            (self.END, 0), (usual * 200 + self.END, 200), (b"\r\n" + usual + self.END, 1),
            (self.part(b"X: " + b"y" * 8000) + self.END, 1), (self.part(*[b"X: y"] * 19) + self.END, 1),
            (usual.replace(b"\r\n", b"\n") + self.END, 1),
        ):  # fmt: skip
            self.assertEqual(self.parts(body), count, body[:200])

    def test_refused(self) -> None:
        for body in (
            self.part(b"X: " + b"y" * 8200), self.part(b"X: " + b"y" * 200_000), self.part(*[b"X: y"] * 1000),
            self.part(*[b"X: y"] * 20), self.part(b"X: y" + b"\r\n y" * 1000), self.part(b"X: y" + b";a=b" * 1000),
            b"--b\r\n" + self.NAME + b"X" * 100_000, b"--b\r\n" + self.NAME + b"\nX" * 4500,
            self.part(b"X: " + b"y" * 8000) * 10, b"\r\n" * 100_000,
        ):  # fmt: skip
            self.assertRaises(BadRequest, self.parts, body + self.END)

    def test_so_many_parts(self) -> None:
        self.assertEqual(self.parts(self.part() * 5 + self.END, 5), 5)
        self.assertRaises(RequestEntityTooLarge, self.parts, self.part() * 6 + self.END, 5)

    def test_in_pieces(self) -> None:
        """A header that ends in the next piece of what is read."""
        for size in range(65_400, 65_560, 7):
            body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"x" * size
            self.assertEqual(self.parts(body + b"\r\n" + self.part() + self.END), 1)


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
