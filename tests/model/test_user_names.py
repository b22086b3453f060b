"""User names that are made of names."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.checks import text
from magroup.model.user_names import LONGEST, user_name


class UserNameTests(SynchronousTestCase):
    def test_names(self) -> None:
        for first, last, made in (
            ("Tijana", "Vlahović", "tijana.vlahovic"), ("Jean-Luc", "Dupont", "jean-luc.dupont"), ("San", "", "san"),
            ("", "O'Neill", "oneill"), ("Anna Maria", "von Au", "annamaria.vonau"), ("!", " ", ""), ("", "", ""),
            ("Ольга", "Ким", "ольга.ким"), ("=1+1", "<b>", "11.b"),
        ):  # fmt: skip
            self.assertEqual(user_name(first, last, ()), made)

    def test_taken(self) -> None:
        self.assertEqual(user_name("San", "Zhang", {"san.zhang", "san.zhang2"}), "san.zhang3")

    def test_long(self) -> None:
        made = user_name("x" * 255, "y" * 255, {"x" * LONGEST})
        self.assertEqual((made, text(made)), ("x" * LONGEST + "2", ""))
