"""Where Redis is: what the parts of a URL mean, and how it is shown."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.redis_place import RedisPlace


class Places(SynchronousTestCase):
    def test_each_form(self) -> None:
        for text, place, shown in (
            ("redis://h", RedisPlace((("h", 6379),)), "redis://h:6379/0"),
            ("rediss://u:p%40s@h:7/3", RedisPlace((("h", 7),), "", True, "", 3, "u", "p@s"), "rediss://h:7/3"),
            ("redis://:p/s@[::1]", RedisPlace((("::1", 6379),), password="p/s"), "redis://[::1]:6379/0"),
            ("unix:///run/r.sock?db=2", RedisPlace(socket="/run/r.sock", database=2), "unix:///run/r.sock"),
            (
                "redis+sentinel://:p@h,i:1/company/4",
                RedisPlace((("h", 26379), ("i", 1)), "", False, "company", 4, "", "p"),
                "redis+sentinel://h:26379,i:1/company/4",
            ),
        ):
            found = RedisPlace.parse(text)
            self.assertEqual((found, str(found)), (place, shown))
            self.assertNotIn("p@s", repr(found))
