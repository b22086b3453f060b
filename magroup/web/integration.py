"""The URLs by which other programs show the gadget and phones the services, and the tab of Cisco Jabber."""

from collections.abc import Mapping
from urllib.parse import quote

from lxml import etree

_DEVICE = "device=#DEVICENAME#"
_GADGET = "/src/Jabber.asp"
_PHONE_SERVICES = {
    "MainMenu": f"/src/PhoneMenu.asp?{_DEVICE}",
    "lButtonService": f"/src/OneButton.asp?{_DEVICE}",
    "TransferCall": f"/src/IndependentServices.asp?action=transferCall&{_DEVICE}",
    "PickupCall": f"/src/IndependentServices.asp?action=pickupCalls&{_DEVICE}",
    "DirectCall": f"/src/IndependentServices.asp?action=directCall&{_DEVICE}",
    "ChangeGroup": f"/src/IndependentServices.asp?action=changeGroup&{_DEVICE}",
    "ChangeStatus": f"/src/IndependentServices.asp?action=changeStatus&{_DEVICE}",
    "TeamStatus": f"/src/IndependentServices.asp?action=teamStatus&{_DEVICE}",
    "SetForwarding": f"/src/IndependentServices.asp?action=setForwarding&{_DEVICE}",
}
"""By the element of the manual they stand in: that of the 1 Button Service begins with the letter l."""


def home_path(instance: str) -> str:
    """The path of an instance without a slash at its end."""
    return f"/Applications/inbound/{quote(instance)}"


def gadget_urls(site: str, instance: str) -> Mapping[str, str]:
    """``manual``: people log in; ``auto``: as who stands in place of xxx; ``coc``: as who uses the operator console."""
    path = home_path(instance) + _GADGET
    login = f"{site}/LogonPage.asp?page={path}"
    return {
        "manual": f"{site}{path}", "auto": f"{login}&user=xxx&pwd=xxx", "coc": f"{login}&user=%user%&pwd=%pwd%",
    }  # fmt: skip


def phone_service_urls(site: str, instance: str) -> Mapping[str, str]:
    """In the manual's order."""
    home = site + home_path(instance)
    return {name: home + path for name, path in _PHONE_SERVICES.items()}


def jabber_config(site: str, instance: str) -> str:
    """What goes between the tags of a custom tab in jabber-config.xml: the gadget as a tab of Cisco Jabber."""
    page = etree.Element("page", refresh="false", preload="true")
    for name, text in (
        ("tooltip", instance),
        ("icon", f"{site}/static/jabber.png"),
        ("url", gadget_urls(site, instance)["manual"]),
    ):
        etree.SubElement(page, name).text = text
    return str(etree.tostring(page, encoding="unicode", pretty_print=True))
