"""The tree grows at the desk, over HTTP: the first unit by the administrator of the deployment, others below it."""

import re

from tests.integration.registry.running import ADMIN, STRANGER, Registry
from tests.integration.registry.test_desks import fill_in, page
from tests.integration.registry.test_desks_around import then


async def test_a_tree_begins_with_a_province_and_grows_below_it(treeless: Registry) -> None:
    assert "/registry/desk/units" in (await page(treeless, ADMIN, "")).text
    assert "登记省一级单位" in (await page(treeless, ADMIN, "/units")).text
    assert (await page(treeless, STRANGER, "/units")).status_code == 403
    new = {"_form": "new-unit", "_verb": "register-unit"}
    assert (await fill_in(treeless, STRANGER, "/units", **new, code="340000", name="安徽省")).status_code == 403
    for code, status in (("34", 422), ("340800", 409)):
        refused = await fill_in(treeless, ADMIN, "/units", **new, code=code, name="安徽省")
        assert refused.status_code == status
        assert re.search(rf'name="code"[^>]*value="{code}"[^>]*aria-invalid="true"', refused.text)
    first = await then(treeless, ADMIN, await fill_in(treeless, ADMIN, "/units", **new, code="340000", name="安徽省"))
    assert "编码 340000" in first
    city = await fill_in(treeless, ADMIN, "/units/340000", **new, code="340800", name="安庆市")
    assert '<a href="/registry/desk/units/340800">安庆市</a>' in await then(treeless, ADMIN, city)
    astray = await fill_in(treeless, ADMIN, "/units/340000", **new, code="340822100", name="高河镇")
    assert astray.status_code == 409
    assert re.search(r'name="code"[^>]*aria-invalid="true"', astray.text)
    assert (await page(treeless, ADMIN, "/units")).status_code == 303
