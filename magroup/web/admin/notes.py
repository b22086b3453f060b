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
    "same": "Nothing was changed.",
}
