"""The page with the status picture, which is the idle URL of phones too (manual, "Phone status display")."""

from collections.abc import Iterator, Mapping

from magroup.model.languages import Said
from magroup.web.phone.display.frame import frame_of, strip_of
from magroup.web.phone.display.pictures import StatusPicture
from magroup.web.phone.objects import Execute, Picture, Place, SoftKey, StatusStrip, TouchItem
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit
from magroup.web.phone.words import UPDATE

MENU = Said("Menu", "Menü", "Menu")
NO_PICTURES = Said(
    "This phone shows no pictures.", "Dieses Telefon zeigt keine Bilder.", "Ce téléphone n'affiche pas d'images."
)  # fmt: skip
REFRESH = 30
"""Seconds until a phone that is left alone asks again: it may have missed what was pushed."""

MEMBER_PAGE = "member"
"""The page of what can be done with the member who was touched."""


async def show(visit: Visit) -> Page:
    """The picture of the group that the phone displays; without a group the phone is told to close what it shows."""
    frame = frame_of(visit.model)
    if frame is None:
        raise PhoneError(NO_PICTURES)
    display = visit.parts.display
    view = display.view(visit.configuration, visit.device, frame.most_tiles)
    if view is None:
        return Page(Execute([("Init:Services", 0)]), is_result=True)
    picture = await display.pictures.picture(view, frame)
    keys = (
        SoftKey(visit.say(MENU), visit.url("menu"), Place.ACT),
        SoftKey(visit.say(UPDATE), "SoftKey:Update"),
        visit.exit_key(),
    )
    areas = tuple(_areas(visit, picture)) if visit.model.is_touched else ()
    shown = Picture(view.title, "", keys, picture_url(visit, picture), areas, visit.model.wide is not None)
    return Page(shown, refresh=REFRESH)


async def strip(visit: Visit) -> StatusStrip | None:
    """What is pushed to phones whose strip beside the calls shows the group; None for no group, or no strip."""
    frame = strip_of(visit.model)
    view = visit.parts.display.view(visit.configuration, visit.device, frame.most_tiles) if frame is not None else None
    if frame is None or view is None:
        return None
    return StatusStrip(picture_url(visit, await visit.parts.display.pictures.picture(view, frame)))


def picture_url(visit: Visit, picture: StatusPicture) -> str:
    """Another one for each picture; it says nothing of who asks, and needs not to."""
    return visit.plain_url(f"picture/{picture.name}.png")


def _areas(visit: Visit, picture: StatusPicture) -> Iterator[TouchItem]:
    for member_id, (left, top, right, bottom) in picture.drawn.members:
        member = visit.configuration.member_by_id.get(member_id)
        if member is not None:
            url = visit.url(MEMBER_PAGE, member=member_id)
            yield TouchItem(member.short_name, url, left, top, right - 1, bottom - 1)


PAGES: Mapping[str, PageFunction] = {"display": show}
