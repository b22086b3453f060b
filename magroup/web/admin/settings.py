"""The tab Settings: the URLs by which phones and other programs reach magroup (the manual's "Settings")."""

from magroup.web.admin.tabs import SETTINGS
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown
from magroup.web.integration import gadget_urls, jabber_config, phone_service_urls
from magroup.web.site_url import site_url

_GADGET = {"coc": "URL for COC integration", "manual": "URL for Jabber tab", "auto": "URL for Jabber (auto login)"}
_SERVICES = {
    "MainMenu": "Main menu", "lButtonService": "1 Button Service", "TransferCall": "Transfer Call",
    "PickupCall": "Pickup Calls", "DirectCall": "Direct Call", "ChangeGroup": "Change Group",
    "ChangeStatus": "Change Status", "TeamStatus": "Team Status", "SetForwarding": "Set Forwarding",
}  # fmt: skip


async def show(visit: AdminVisit) -> Outcome:
    settings = visit.parts.settings()
    site = site_url(visit.request, settings.public_url)
    gadget = gadget_urls(site, settings.instance)
    return Shown("admin/settings.html", {
        "services": [(_SERVICES[name], url) for name, url in phone_service_urls(site, settings.instance).items()],
        "gadget": [(label, gadget[name]) for name, label in _GADGET.items()],
        "jabber": jabber_config(site, settings.instance).strip(),
    })  # fmt: skip


ROUTES = (Route("settings", SETTINGS, show),)
