"""Who a node is for the others: only itself has its name."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.nodes import owner_of


class OwnerTests(SynchronousTestCase):
    """``owner_of``."""

    def test_the_same_path_in_another_container(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        own = owner_of(folder)
        self.assertEqual(owner_of(folder), own)
        folder.rename(folder.with_suffix(".first"))
        folder.mkdir()
        self.assertNotEqual(owner_of(folder), own)
