"""Names as people type them who look for somebody: neither case nor accents count."""

import unicodedata


def plain(text: str) -> str:
    """Case folded, without accents."""
    if text.isascii():
        return text.casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))
