"""The softkeys of a page, those that the phone adds among them, and where they lead (Development Notes, "Softkeys")."""

from magroup.cli.simulated_phone.fetching import Fetched
from magroup.cli.simulated_phone.models import PhoneModel
from magroup.cli.simulated_phone.pages import Item, Page, SoftKey
from magroup.cli.simulated_phone.refusal import Refusal, Rule, Shown
from magroup.cli.simulated_phone.uris import JOINED, joined, split

_DEFAULTS = {
    **dict.fromkeys(("Menu", "IconMenu", "IconFileMenu"), ("Select", "Exit")),
    **dict.fromkeys(("Text", "Image", "ImageFile", "GraphicMenu", "GraphicFileMenu"), ("Exit",)),
    "Input": ("Submit", "<<", "Cancel"),
    "Directory": ("Dial", "EditDial", "Cancel"),
    "Error": ("Exit",),
}


def softkeys_of(fetched: Fetched) -> tuple[SoftKey, ...]:
    """As they are shown, by position; a page's own take the place of all others but Next or Update in the first."""
    page = fetched.page
    keys = tuple(sorted(page.softkeys, key=lambda key: key.position))
    if not keys:
        keys = tuple(SoftKey(name, 0, f"SoftKey:{name}") for name in _DEFAULTS.get(page.kind, ()))
        return (*keys, _reloading(fetched))
    if keys[0].position != 1:
        return (_reloading(fetched), *keys)
    return keys


def _reloading(fetched: Fetched) -> SoftKey:
    refresh = fetched.refresh
    is_next = refresh is not None and refresh.url != fetched.request.url
    name = "Next" if is_next else "Update"
    return SoftKey(name, 0, f"SoftKey:{name}")


def softkey_named(fetched: Fetched, name: str) -> SoftKey:
    """The softkey with that label. Raises Refusal."""
    keys = softkeys_of(fetched)
    for key in keys:
        if key.name == name:
            return key
    raise Refusal(Rule.SOFTKEY_URI, f"no softkey is called {name!r}: {[key.name for key in keys]}", Shown.NOTHING)


def item_chosen(page: Page, which: int | str, model: PhoneModel) -> int:
    """The index of the item with that number, from 1, or name. Raises Refusal."""
    names = [item.name for item in page.items]
    if isinstance(which, int) and 1 <= which <= len(names):
        index = which - 1
    elif isinstance(which, str) and which in names:
        index = names.index(which)
    else:
        raise Refusal(Rule.MISSING, f"there is no item {which!r}: {names}", Shown.NOTHING)
    if page.items[index].touch is not None and not model.is_touched:
        raise Refusal(Rule.TOUCH_AREA, f"a {model.name} cannot be touched at {names[index]!r}")
    return index


def led_by_softkey(key: SoftKey, item: Item | None) -> str:
    """The URI that a softkey does with an item highlighted. Raises Refusal."""
    url = key.url or key.url_down
    return joined(url, item.url if item is not None else "") or url


def led_by_item(item: Item) -> str:
    """The URI that choosing an item does. Raises Refusal."""
    if not item.url or split(item.url).scheme == JOINED:
        raise Refusal(Rule.MISSING, f"nothing happens when {item.name!r} is chosen", Shown.NOTHING)
    return item.url
