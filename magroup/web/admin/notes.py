"""What a page says of what was just done, by the word that came with the address."""

NOTES = {
    "saved": "Saved.",
    "added": "Added.",
    "deleted": "Deleted.",
    "renamed": "Renamed.",
    "uploaded": "Uploaded.",
    "same": "Nothing was changed.",
}
