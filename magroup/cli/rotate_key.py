"""``python -m magroup rotate-key``: encrypt the passwords in the database with a new key."""

import sys
from collections.abc import Sequence

from magroup.cli.arguments import parsed
from magroup.cli.data_arguments import data_folder, key_file_of, parser, settings_of, url_of
from magroup.data_folder import DataFolder, DataFolderError
from magroup.model.settings_reading import SettingsError
from magroup.store import StoreError, once
from magroup.store.sealing import rotate


def rotate_key(arguments: Sequence[str]) -> int:
    """0 when all is encrypted anew, else 1 with a line that says why not. The server must not run."""
    made = parser("rotate-key", "Encrypt the passwords in the database with a new key; old ones stay in the key file.")
    options = parsed(made, arguments)
    if isinstance(options, int):
        return options
    try:
        settings = settings_of(options)
        # A server that runs has the old keys only.
        folder = DataFolder.take(data_folder(settings))
        try:
            id = once(url_of(settings), rotate, key_file_of(settings))
        finally:
            folder.release()
    except (SettingsError, DataFolderError, StoreError) as error:
        print("\n".join(f"magroup: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 1
    print(f"{key_file_of(settings)}: passwords in the database are encrypted with the key {id} now")
    return 0
