"""What a page says of what was just done, by the word that came with the address."""

NOTES = {
    "saved": "Saved.",
    "added": "Added.",
    "deleted": "Deleted.",
    "renamed": "Renamed.",
    "uploaded": "Uploaded.",
    "revoked": "Revoked.",
    "ended": "All logins of this user have ended.",
    "imported": "Imported.",
    "unregistered": "The registration is ended. The phone is not told: it comes back when it next registers.",
    "unregistered_before": "This registration was gone already.",
    "lifted": "Lifted.",
    "lifted_before": "This was over already.",
    "same": "Nothing was changed.",
}
