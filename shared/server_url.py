"""What the URL of a PostgreSQL server looks like."""

from urllib.parse import urlsplit

FORM = "it is to be postgresql://<user>:<password>@<host>:<port>"
_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})


def names_postgresql(url: str) -> bool:
    """Whether a URL is one of a PostgreSQL server."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and url.startswith(f"{parts.scheme}://")
