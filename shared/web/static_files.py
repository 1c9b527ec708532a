"""The static files of all pages, with addresses that change when a file does."""

from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
ROOT = "/static"

_VERSIONS = {
    path.relative_to(STATIC).as_posix(): sha256(path.read_bytes()).hexdigest()[:12]
    for path in sorted(STATIC.rglob("*"))
    if path.is_file()
}


def static(name: str) -> str:
    """The address of a static file: `/static/guatu.css?v=<digest>`. Raises KeyError if there is no such file."""
    return f"{ROOT}/{name}?v={_VERSIONS[name]}"


def mount_static(app: FastAPI) -> None:
    """Serve the static files under /static."""
    app.mount(ROOT, _Versioned(directory=STATIC), name="static")


class _Versioned(StaticFiles):
    """Kept for a year when asked for by the present version, checked anew each time otherwise."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        present = scope["query_string"].decode("latin-1") == f"v={_VERSIONS.get(path)}"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if present else "no-cache"
        return response
