"""The page with the status picture, which is the idle URL of phones too (manual, "Phone status display")."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from magroup.model.configuration import Configuration
from magroup.model.languages import Said
from magroup.model.lines import Phone
from magroup.web.phone.display.display import Display
from magroup.web.phone.display.frame import frame_of, strip_of
from magroup.web.phone.display.pictures import StatusPicture
from magroup.web.phone.menu.member import members
from magroup.web.phone.models import Model
from magroup.web.phone.objects import Execute, Picture, Place, SoftKey, StatusStrip, TouchItem
from magroup.web.phone.visit import ROOT, Page, PageFunction, Visit
from magroup.web.phone.words import UPDATE

MENU = Said("Menu", "Menü", "Menu")
LIST = Said("List", "Liste", "Liste")
REFRESH = 30
"""Seconds until a phone that is left alone asks again: it may have missed what was pushed."""

MEMBER_PAGE = "member"
"""The page of what can be done with the member who was touched."""


async def show(visit: Visit) -> Page:
    """The picture of the group that the phone displays; without a group the phone is told to close what it shows.

    A phone that shows no pictures gets the members as a list.
    """
    frame = frame_of(visit.model)
    if frame is None:
        return replace(await members(visit), refresh=REFRESH)
    display = visit.parts.display
    view = display.view(visit.configuration, visit.device, frame.most_tiles)
    if view is None:
        return Page(Execute([("Init:Services", 0)]), is_result=True)
    picture = await display.pictures.picture(view, frame)
    keys = (
        SoftKey(visit.say(MENU), visit.url("menu"), Place.ACT),
        SoftKey(visit.say(LIST), visit.url("members")),
        SoftKey(visit.say(UPDATE), "SoftKey:Update"),
        visit.exit_key(),
    )
    areas = tuple(_areas(visit, picture)) if visit.model.is_touched else ()
    shown = Picture(view.title, "", keys, picture_url(visit.site, picture), areas, visit.model.wide is not None)
    return Page(shown, refresh=REFRESH)


async def strip(
    display: Display, configuration: Configuration, phone: Phone, model: Model, site: str
) -> StatusStrip | None:  # fmt: skip
    """What is pushed to a phone whose strip beside the calls shows the group; None for no group, or no strip."""
    frame = strip_of(model)
    view = display.view(configuration, phone, frame.most_tiles) if frame is not None else None
    if frame is None or view is None:
        return None
    return StatusStrip(picture_url(site, await display.pictures.picture(view, frame)))


def picture_url(site: str, picture: StatusPicture) -> str:
    """Another one for each picture; it says nothing of who asks, and needs not to. ``site`` as phones reach it."""
    return f"{site}{ROOT}/picture/{picture.name}.png"


def _areas(visit: Visit, picture: StatusPicture) -> Iterator[TouchItem]:
    for member_id, (left, top, right, bottom) in picture.drawn.members:
        member = visit.configuration.member_by_id.get(member_id)
        if member is not None:
            url = visit.url(MEMBER_PAGE, member=member_id)
            yield TouchItem(member.short_name, url, left, top, right - 1, bottom - 1)


PAGES: Mapping[str, PageFunction] = {"display": show}
