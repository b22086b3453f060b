"""The VIP lists of managers: adding and removing numbers (the manual's "VIP list" of the phone main menu)."""

from collections.abc import Mapping, Sequence

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.groups import Member, VipEntry
from magroup.model.languages import Said
from magroup.model.numbers import bare
from magroup.model.people import Privilege, User
from magroup.web.phone.editing import May, confirmation, done, edit, must
from magroup.web.phone.forms import Field, Form, answered
from magroup.web.phone.lists import listed, paged
from magroup.web.phone.objects import InputFlags, Item, SoftKey
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

TITLE = Said("VIP list", "VIP-Liste", "Liste VIP")
ADD = Said("Add Number", "Nummer hinzufügen", "Ajouter un numéro")
REMOVE = Said("Remove Number", "Nummer entfernen", "Retirer un numéro")
NUMBER = Said("Number", "Nummer", "Numéro")
PATTERN = Said("Pattern", "Muster", "Modèle")
NUMBER_OR_PATTERN = Said("Number, X any digit, ! any rest", "Nummer, X = Ziffer, ! = Rest", "Numéro, X, ! à la fin")
DESCRIPTION = Said("Description", "Beschreibung", "Description")
NO_MANAGER = Said(
    "There is no manager in your groups.",
    "In Ihren Gruppen gibt es keinen Manager.",
    "Il n'y a pas de manager dans vos groupes.",
)
NO_NUMBERS = Said("The VIP list is empty.", "Die VIP-Liste ist leer.", "La liste VIP est vide.")
ON_LIST = Said("It is on the list already", "Steht schon auf der Liste", "Déjà sur la liste")
ADDED = Said("{detail} is a VIP now.", "{detail} ist jetzt VIP.", "{detail} est maintenant VIP.")
REMOVE_OR_NOT = Said("Remove {detail}?", "{detail} entfernen?", "Retirer {detail} ?")
REMOVED = Said("{detail} is no VIP any more.", "{detail} ist nicht mehr VIP.", "{detail} n'est plus VIP.")
NOT_THERE = Said("It is not there any more.", "Das gibt es nicht mehr.", "Cela n'existe plus.")


async def vips(visit: Visit) -> Page:
    must(_opens(visit.rights))
    items = [visit.item(ADD, "add-vip"), visit.item(REMOVE, "remove-vips")]
    return listed(visit, visit.say(TITLE), items, "vips")


async def add_vip(visit: Visit) -> Page:
    """The manager where there are several, then the form; with ``any`` for a pattern, with letters."""
    manager = _manager(visit)
    if isinstance(manager, Page):
        return manager
    is_pattern = bool(visit.number("any"))
    query = {"member": manager.id}
    flags = InputFlags.ASCII if is_pattern else InputFlags.TELEPHONE
    label = NUMBER_OR_PATTERN if is_pattern else NUMBER
    more = [] if is_pattern else [SoftKey(visit.say(PATTERN), visit.url("add-vip", **query, any=1))]

    def fields(configuration: Configuration) -> list[Field]:
        return [Field(label, "number", "", flags, is_number=True), Field(DESCRIPTION, "about")]

    def change(configuration: Configuration) -> Configuration:
        typed = form.typed(visit)
        if _listed(configuration, manager, typed["number"]):
            raise PhoneError(ON_LIST)
        return edits.add_vip(configuration, manager.id, typed["number"], typed["about"])

    def added(now: Visit) -> Page:
        text = now.say(ADDED, form.typed(visit)["number"])
        return done(now, _name(now, manager), text, now.url("vips"))

    title = _name(visit, manager)
    form = Form(title, "add-vip", query | ({"any": 1} if is_pattern else {}), fields, more)
    return await answered(visit, form, _of(manager), change, added)


async def remove_vips(visit: Visit) -> Page:
    """The manager where there are several, then the numbers on the list."""
    manager = _manager(visit, "remove-vips")
    if isinstance(manager, Page):
        return manager
    found = visit.configuration.vips_of(manager.id)
    if not found:
        raise PhoneError(NO_NUMBERS)

    def item(vip: VipEntry) -> Item:
        return Item(_entry(vip), visit.url("remove-vip", vip=vip.id))

    return paged(visit, _name(visit, manager), found, item, "remove-vips", {"member": manager.id})


async def remove_vip(visit: Visit) -> Page:
    """First the question; ``sure`` is the answer."""
    must(_opens(visit.rights))
    id = visit.number("vip")
    vip = next((vip for vip in visit.configuration.vips if vip.id == id), None)
    manager = visit.configuration.member_by_id.get(vip.member_id) if vip is not None else None
    if vip is None or manager is None or not _of(manager)(visit.rights, visit.configuration):
        raise PhoneError(NOT_THERE)
    title, entry = _name(visit, manager), _entry(vip)
    if not visit.number("sure"):
        return confirmation(visit, title, REMOVE_OR_NOT, entry, visit.url("remove-vip", vip=id, sure=1))

    def change(configuration: Configuration) -> Configuration:
        return edits.delete_vip(configuration, id)

    now = await edit(visit, _of(manager), change)
    return done(now, title, now.say(REMOVED, entry), now.url("remove-vips", member=manager.id))


def _opens(rights: Rights) -> bool:
    return rights.has(Privilege.VIP_LIST, Privilege.ADMIN)


def _managers(visit: Visit) -> Sequence[Member]:
    """Those whose lists the user may edit: in the own groups, all with Admin; by name."""
    configuration = visit.configuration
    if visit.rights.has(Privilege.ADMIN):
        found = [member for member in configuration.members if member.is_manager]
    else:
        ids = dict.fromkeys(member.group_id for member in visit.memberships)
        found = [member for member in map(configuration.manager_of, ids) if member is not None]
    return sorted(found, key=lambda member: (_name(visit, member).casefold(), member.id))


def _manager(visit: Visit, page: str = "add-vip") -> Member | Page:
    """The one by ``member`` or the only one, or the page that asks for one. Raises Refused, PhoneError."""
    must(_opens(visit.rights))
    if id := visit.number("member"):
        member = visit.configuration.member_by_id.get(id)
        if member is None or not member.is_manager or not _of(member)(visit.rights, visit.configuration):
            raise Refused(Why.NO_MEMBER)
        return member
    found = _managers(visit)
    if not found:
        raise PhoneError(NO_MANAGER)
    if len(found) == 1:
        return found[0]

    def item(member: Member) -> Item:
        group = visit.configuration.group_by_id[member.group_id]
        return Item(f"{_name(visit, member)} ({group.name})", visit.url(page, member=member.id))

    return paged(visit, visit.say(TITLE), found, item, page)


def _of(manager: Member) -> May:
    """The rule for an edit of this list, which raises Refused where the manager is gone."""

    def may(rights: Rights, configuration: Configuration) -> bool:
        member = configuration.member_by_id.get(manager.id)
        if member is None or not member.is_manager:
            raise Refused(Why.NO_MEMBER)
        return rights.edits_vips(configuration, member.group_id)

    return may


def _listed(configuration: Configuration, manager: Member, number: str) -> bool:
    wanted = bare(number).casefold()
    return any(bare(vip.number).casefold() == wanted for vip in configuration.vips_of(manager.id))


def _name(visit: Visit, member: Member) -> str:
    return (visit.configuration.user(member.user_name) or User(0, member.user_name)).full_name


def _entry(vip: VipEntry) -> str:
    return f"{vip.number} - {vip.description}" if vip.description else vip.number


PAGES: Mapping[str, PageFunction] = {
    "vips": vips,
    "add-vip": add_vip,
    "remove-vips": remove_vips,
    "remove-vip": remove_vip,
}
