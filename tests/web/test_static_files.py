"""Files in memory."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.web.static_files import StaticFiles


class StaticFilesTests(SynchronousTestCase):
    """A folder with a folder in it."""

    def test_files(self) -> None:
        folder = Path(self.mktemp())
        (folder / "deep").mkdir(parents=True)
        (folder / "a.js").write_text("x")
        (folder / "deep" / "b.unknown").write_bytes(b"")
        files = StaticFiles(folder)
        script, other = files.file("a.js"), files.file("deep/b.unknown")
        assert script is not None and other is not None
        self.assertEqual((script.content, script.content_type), (b"x", b"text/javascript; charset=utf-8"))
        self.assertEqual(other.content_type, b"application/octet-stream")
        self.assertNotEqual(script.etag, other.etag)
        self.assertRegex(script.etag, rb'\A"[0-9a-f]{32}"\Z')
        for name in ("", "deep", "../" + folder.name + "/a.js", "/a.js", "A.JS"):
            self.assertIsNone(files.file(name))
