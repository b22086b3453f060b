"""Journal lines, one record each."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import CallRecord
from magroup.store.journal.lines import Entry, Kind, last_moment
from tests.store.calls import call, calls, ended


class LineTests(SynchronousTestCase):
    """``Entry``."""

    @given(st.sampled_from(Kind), calls)
    def test_round_trip(self, kind: Kind, record: CallRecord) -> None:
        line = Entry(kind, record).encode()
        self.assertEqual(line.count(b"\n"), 1)
        self.assertTrue(line.endswith(b"\n"))
        self.assertEqual(Entry.decode(line), Entry(kind, record))

    def test_defaults(self) -> None:
        """A line of another version that knows fewer fields can be read."""
        line = b'{"live":{"id":"a","started_at":1.5,"caller_number":"10"}}\n'
        self.assertEqual(Entry.decode(line), Entry(Kind.LIVE, CallRecord("a", 1.5, "10")))

    def test_no_utf_8(self) -> None:
        entry = Entry(Kind.LIVE, CallRecord("a", 1.5, "10", "J\udcf6rg"))
        self.assertEqual(Entry.decode(entry.encode()), entry)

    def test_times_may_be_whole(self) -> None:
        line = b'{"live":{"id":"a","started_at":1,"caller_number":"10"}}'
        self.assertIs(type(Entry.decode(line).call.started_at), float)

    def test_rubbish(self) -> None:
        whole = Entry(Kind.ENDED, ended(call("a"))).encode()
        for line in (
            b"",
            b"\xff\xfe\n",
            b"null",
            b"[]",
            b"{}",
            b"7",
            b'{"live":null}',
            b'{"live":{}}',
            b'{"live":{"id":"a","started_at":1.0,"caller_number":"1"},"ended":{}}',
            b'{"gone":{"id":"a","started_at":1.0,"caller_number":"1"}}',
            b'{"live":{"id":7,"started_at":1.0,"caller_number":"1"}}',
            b'{"live":{"id":"a","started_at":true,"caller_number":"1"}}',
            b'{"live":{"id":"a","started_at":1.0,"caller_number":"1","is_vip":1}}',
            b'{"live":{"id":"a","started_at":1.0,"caller_number":"1","colour":"red"}}',
            b'{"live":{"id":"a","started_at":1.0,"caller_number":"1","trail":[{"code":"whim"}]}}',
            b'{"live":{"id":"a","started_at":1.0,"caller_number":"1","legs":[7]}}',
            b"[" * 100_000,
            whole[:-20],
        ):
            self.assertRaises(ValueError, Entry.decode, line)

    @given(st.binary(max_size=60))
    def test_any_bytes(self, line: bytes) -> None:
        self.assertRaises(ValueError, Entry.decode, line)

    def test_last_moment(self) -> None:
        self.assertEqual(last_moment(CallRecord("a", 1.5, "10")), 1.5)
        self.assertEqual(last_moment(call("a", 1000.0)), 1002.0)
        self.assertEqual(last_moment(ended(call("a", 1000.0))), 1060.0)
