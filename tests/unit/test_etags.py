"""An answer that did not change is not sent again."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response

from shared.etags import Tagged

router = APIRouter(route_class=Tagged)
ANSWERS = {"value": 1}


@router.get("/plain")
async def plain() -> dict[str, int]:
    return ANSWERS


@router.get("/own")
async def own(response: Response) -> dict[str, int]:
    response.headers["ETag"] = '"7"'
    return ANSWERS


@router.get("/missing")
async def missing() -> Response:
    return Response(status_code=404)


@pytest.fixture
async def http():
    app = FastAPI()
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        yield client


async def test_the_same_answer_is_told_in_one_line(http: httpx.AsyncClient):
    first = await http.get("/plain")
    assert first.headers["cache-control"] == "private, no-cache"
    again = await http.get("/plain", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_another_answer_is_sent_whole(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    first = await http.get("/plain")
    monkeypatch.setitem(ANSWERS, "value", 2)
    again = await http.get("/plain", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.json()) == (200, {"value": 2})


async def test_a_route_may_have_a_tag_of_its_own_and_a_refusal_has_none(http: httpx.AsyncClient):
    assert (await http.get("/own")).headers["etag"] == '"7"'
    assert (await http.get("/own", headers={"If-None-Match": '"7"'})).status_code == 304
    assert "etag" not in (await http.get("/missing")).headers
