"""VIP management functions."""

from collections.abc import Mapping

from lxml import etree

from magroup.groups.editing import Problem, edits
from magroup.model.groups import VipEntry
from magroup.model.people import Privilege
from magroup.web.rest.call import Call, Content, Function, Listed
from magroup.web.rest.groups import with_status
from magroup.web.rest.xml import leaves


async def add_vip_number(call: Call) -> Content:
    call.parameters.required("vn_number", "mb_id")
    member_id, number = call.parameters.id("mb_id"), call.parameters.text("vn_number") or ""
    description = call.parameters.text("vn_description") or ""
    new = await call.edit(lambda configuration: edits.add_vip(configuration, member_id, number, description))
    return with_status(new.last_ids.vips)


async def delete_vip_number(call: Call) -> Content:
    id = call.parameters.id("vn_id")
    words = {(Problem.UNKNOWN, "vip_id"): "INVALID_VIP_NUMBER_ID"}
    await call.edit(lambda configuration: edits.delete_vip(configuration, id), words)
    return "OK"


async def get_vip_numbers(call: Call) -> Content:
    member_id, number = call.parameters.integer("mb_id"), call.parameters.text("vn_number")
    configuration = call.configuration
    vips = configuration.vips if member_id is None else configuration.vips_of(member_id)
    if number:
        wanted = configuration.plan.canonical(number).casefold()
        vips = tuple(vip for vip in vips if configuration.plan.canonical(vip.number).casefold() == wanted)
    return Listed(vips, lambda vip: shown(call, vip))


def shown(call: Call, vip: VipEntry) -> etree._Element:
    user = call.configuration.user_of_number(vip.number)
    return leaves(
        "VIPNumber",
        id=vip.id,
        number=vip.number,
        description=vip.description,
        mngId=vip.member_id,
        FirstName=user.first_name if user else "",
        LastName=user.last_name if user else "",
    )


_PRIVILEGES = (Privilege.VIP_LIST.value, Privilege.ADMIN.value)

FUNCTIONS: Mapping[str, Function] = {
    "addVIPNumber": Function("getIntegrationURLs", add_vip_number, _PRIVILEGES, with_id=lambda call: ""),
    "deleteVIPNumber": Function("deleteVIPNumber", delete_vip_number, _PRIVILEGES),
    "getVIPNumbers": Function("getVIPNumbers", get_vip_numbers, _PRIVILEGES, depends=lambda call: None),
}
