"""Conformance to Open311 GeoReport v2: required fields, formats, status codes, errors, keys."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest

from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.engine import Fixed
from serving.identity import Caller
from serving.problems import Problem
from triage.catalogue import Catalogue
from triage.desk.actor import Actor
from triage.desk.amend import override
from triage.desk.open311 import Listing, services_of
from triage.request import Versions
from triage.store.ledger import events_of
from triage.store.vault import Field, Reading
from triage.workorder.order import WorkOrder

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
FORM = {
    "api_key": "agent-1",
    "service_code": "SR03",
    "description": "楼下烧烤店油烟太大，我电话13800000000",
    "address_string": "渝中区解放碑八一路",
    "first_name": "小明",
    "last_name": "王",
    "phone": "13800000000",
}
FORM_TYPE = "application/x-www-form-urlencoded"
SERVICE = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
REQUEST = {
    *("service_request_id", "status", "status_notes", "service_name", "service_code"),
    *("description", "agency_responsible", "service_notice", "requested_datetime"),
    *("updated_datetime", "expected_datetime", "address", "address_id", "zipcode"),
    *("lat", "long", "media_url"),
}
"""Every field of the specification's answer, empty where it may be."""


class Names:
    """Credentials where the secret is the role."""

    def caller_of(self, secret: bytes) -> Caller:
        name = secret.decode()
        if name.startswith("un"):
            raise Problem("key_invalid", "没有这个密钥")
        return Caller(Actor(name, frozenset({name.split("-")[0]})))


def client_of(desk: Desk, *, with_text: bool = False) -> httpx.AsyncClient:
    listing = Listing(desk.office, services_of(Catalogue.load()), with_text)
    app = create_app(
        Fixed(DebugPipeline(Versions("m", "c", "r"), DebugLists())),
        keys=Names(),
        office=desk.office,
        open311=listing,
    )
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://triage/open311/v2")


@pytest.fixture
def client(desk: Desk) -> httpx.AsyncClient:
    return client_of(desk)


def run(test: Coroutine[object, object, None]) -> None:
    asyncio.run(test)


async def submit(
    client: httpx.AsyncClient, path: str = "/requests.json", **changes: str
) -> httpx.Response:
    form = {name: value for name, value in (FORM | changes).items() if value}
    return await client.post(path, data=form)


async def submitted(client: httpx.AsyncClient, **changes: str) -> str:
    answer = await submit(client, **changes)
    assert answer.status_code == 201, answer.text
    return str(answer.json()[0]["service_request_id"])


def names(element: Element) -> set[str]:
    return {child.tag for child in element}


def test_services_are_listed_in_both_formats(client: httpx.AsyncClient) -> None:
    async def go() -> None:
        as_json = await client.get("/services.json")
        assert as_json.headers["content-type"] == "application/json; charset=utf-8"
        services = as_json.json()
        assert len(services) > 50
        assert all(one.keys() == SERVICE for one in services)
        grill = next(one for one in services if one["service_code"] == "SR03")
        assert (grill["metadata"], grill["type"]) == (False, "realtime")
        as_xml = await client.get("/services.xml")
        assert as_xml.headers["content-type"] == "text/xml; charset=utf-8"
        assert as_xml.text.startswith("<?xml version='1.0' encoding='UTF-8'?>")
        root = fromstring(as_xml.content)
        assert (root.tag, len(root)) == ("services", len(services))
        assert all(child.tag == "service" and names(child) == SERVICE for child in root)
        assert root.findtext("service/metadata") == "false"

    run(go())


def test_a_service_is_defined_and_an_unknown_one_is_not(client: httpx.AsyncClient) -> None:
    async def go() -> None:
        assert (await client.get("/services/SR03.json")).json() == {
            "service_code": "SR03",
            "attributes": [],
        }
        root = fromstring((await client.get("/services/SR03.xml")).content)
        assert (root.tag, root.findtext("service_code")) == ("service_definition", "SR03")
        assert (await client.get("/services/XX99.json")).status_code == 404

    run(go())


def test_a_submission_becomes_an_order_and_its_sender_is_told_the_id(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    async def go() -> WorkOrder:
        answer = await submit(client, media_url="https://example.org/a.jpg", email="a@example.org")
        assert answer.status_code == 201
        (told,) = answer.json()
        assert told.keys() == {"service_request_id", "service_notice", "account_id"}
        order = desk.order(told["service_request_id"])
        assert order.query_code in told["service_notice"]
        assert "media_url" in told["service_notice"]
        assert "email" in told["service_notice"]
        return order

    found: list[WorkOrder] = []

    async def keep() -> None:
        found.append(await go())

    run(keep())
    (order,) = found
    assert (order.source, order.channel, order.origin) == ("open311", "APP", "citizen")
    assert "地点：渝中区解放碑八一路" in order.text
    assert "13800000000" not in order.text
    with desk.office.database.read() as connection:
        entry = events_of(connection, order.id)[0]
    assert entry.event.actor == "agent-1"
    assert entry.event.body["topic_hint"] == "SR03"
    reading = Reading("chief", "核对", desk.now)
    wanted = frozenset({Field.NAME, Field.PHONE})
    sealed = desk.office.vault.open_sealed(desk.office.database, order.id, wanted, reading)
    assert sealed == {Field.NAME: "王小明", Field.PHONE: "13800000000"}


def test_a_submission_in_xml_is_answered_in_xml(client: httpx.AsyncClient) -> None:
    async def go() -> None:
        answer = await submit(client, "/requests.xml")
        root = fromstring(answer.content)
        assert (answer.status_code, root.tag, root[0].tag) == (201, "service_requests", "request")
        assert root.findtext("request/service_request_id")

    run(go())


def test_coordinates_are_a_place_too(client: httpx.AsyncClient, desk: Desk) -> None:
    async def go() -> None:
        order = desk.order(await submitted(client, address_string="", lat="29.5580", long="106.57"))
        assert "坐标：北纬29.55800°，东经106.57000°" in order.text

    run(go())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service_code": ""}, "field_missing"),
        ({"service_code": "XX99"}, "unknown_code"),
        ({"description": ""}, "field_missing"),
        ({"description": "长" * 4_001}, "field_too_long"),
        ({"address_string": ""}, "field_missing"),
        ({"address_string": "", "lat": "29.5"}, "field_missing"),
        ({"lat": "north", "long": "106"}, "field_type"),
        ({"lat": "91", "long": "106"}, "field_type"),
        ({"phone": "1" * 33}, "field_too_long"),
    ],
)
@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_bad_form_is_400_with_code_and_description(
    client: httpx.AsyncClient, changes: dict[str, str], code: str, format: str
) -> None:
    async def go() -> None:
        answer = await submit(client, f"/requests.{format}", **changes)
        assert answer.status_code == 400
        if format == "json":
            (told,) = answer.json()
            assert told.keys() == {"code", "description"}
            said, number = told["description"], told["code"]
        else:
            root = fromstring(answer.content)
            assert (root.tag, root[0].tag) == ("errors", "error")
            said, number = str(root.findtext("error/description")), root.findtext("error/code")
        assert int(number or 0) == 400
        assert code in said

    run(go())


@pytest.mark.parametrize("key", ["", "unknown", "handler-1"])
def test_a_missing_wrong_or_powerless_key_is_403(
    client: httpx.AsyncClient, desk: Desk, key: str
) -> None:
    async def go() -> None:
        for path in ("/requests.json", "/requests.xml"):
            answer = await submit(client, path, api_key=key)
            assert answer.status_code == 403
        assert fromstring(answer.content).findtext("error/code") == "403"
        assert desk.asked == []

    run(go())


def test_the_key_may_stand_in_the_query_or_in_our_own_header(client: httpx.AsyncClient) -> None:
    async def go() -> None:
        form = {name: value for name, value in FORM.items() if name != "api_key"}
        by_query = await client.post("/requests.json?api_key=agent-1", data=form)
        headers = {"authorization": "Bearer agent-1"}
        by_header = await client.post("/requests.json", data=form, headers=headers)
        assert (by_query.status_code, by_header.status_code) == (201, 201)

    run(go())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"description=%ff&service_code=SR03", FORM_TYPE),
        (b"a=" + b"x" * 70_000, FORM_TYPE),
        (
            urlencode([(f"f{n}", "1") for n in range(101)]).encode(),
            "application/x-www-form-urlencoded",
        ),
    ],
)
def test_a_body_that_is_no_form_is_400(client: httpx.AsyncClient, body: bytes, kind: str) -> None:
    async def go() -> None:
        headers = {"content-type": kind}
        answer = await client.post("/requests.json", content=body, headers=headers)
        assert (answer.status_code, answer.json()[0]["code"]) == (400, 400)

    run(go())


def test_the_same_idempotency_key_is_one_order(client: httpx.AsyncClient) -> None:
    async def go() -> None:
        headers = {"idempotency-key": "k1"}
        ids = {
            (await client.post("/requests.json", data=FORM, headers=headers)).json()[0][
                "service_request_id"
            ]
            for _ in range(2)
        }
        assert len(ids) == 1

    run(go())


def test_a_request_is_shown_without_its_text_to_anybody(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    async def go() -> None:
        order_id = await submitted(client)
        (shown,) = (await client.get(f"/requests/{order_id}.json")).json()
        assert shown.keys() == REQUEST
        assert (shown["status"], shown["status_notes"]) == ("open", "正在分派")
        assert (shown["service_code"], shown["service_name"]) == ("SR03", services_name())
        assert (shown["description"], shown["address"]) == ("", "")
        assert shown["requested_datetime"] == desk.now.isoformat()
        as_xml = await client.get(f"/requests/{order_id}.xml")
        root = fromstring(as_xml.content)
        assert (root.tag, names(root[0])) == ("service_requests", REQUEST)
        for text in (as_xml.text, str(shown)):
            assert "油烟太大" not in text
            assert "王小明" not in text
            assert "解放碑" not in text
        for missing in ("/requests/20260302-NONE.json", "/requests/20260302-NONE.xml"):
            assert (await client.get(missing)).status_code == 404

    run(go())


def services_name() -> str:
    return services_of(Catalogue.load())["SR03"].name


def test_a_city_may_show_the_masked_text(desk: Desk) -> None:
    async def go() -> None:
        client = client_of(desk, with_text=True)
        order_id = await submitted(client)
        (shown,) = (await client.get(f"/requests/{order_id}.json")).json()
        assert shown["description"].startswith("楼下烧烤店油烟太大")
        assert "13800000000" not in shown["description"]

    run(go())


def test_orders_of_other_doors_and_reports_are_nobody_s_business(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    async def go() -> None:
        call = desk.taken("来电诉求")
        report = await submitted(client)
        override(
            desk.office, report, {"request_type": "REPORT"}, reason="", version=None, actor=CHIEF
        )
        for order_id in (call.id, report):
            assert (await client.get(f"/requests/{order_id}.json")).status_code == 404
        ids = f"{call.id},{report}"
        assert (await client.get(f"/requests.json?service_request_id={ids}")).json() == []
        assert (await client.get("/requests.json")).json() == []

    run(go())


def test_requests_are_filtered(client: httpx.AsyncClient, desk: Desk) -> None:
    async def ids(**query: str) -> set[str]:
        found = await client.get("/requests.json", params=query)
        assert found.status_code == 200, found.text
        return {one["service_request_id"] for one in found.json()}

    async def go() -> None:
        old = await submitted(client)
        desk.wait(days=100)
        new = await submitted(client)
        override(desk.office, new, {"topic": "ZF01"}, reason="", version=None, actor=CHIEF)
        assert await ids() == {new}
        assert await ids(service_request_id=f"{old},{new}, nobody") == {old, new}
        start = desk.now - timedelta(days=101)
        assert await ids(start_date=start.isoformat()) == {old}
        assert await ids(end_date=(start + timedelta(days=2)).isoformat()) == {old}
        assert await ids(service_code="ZF01") == {new}
        assert await ids(service_code="SR03,ZF02") == set()
        assert await ids(status="open") == {new}
        assert await ids(status="closed") == set()
        assert await ids(status="open,closed") == {new}

    run(go())


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "yesterday"},
        {"start_date": "2026-03-01T00:00:00"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"},
        {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"status": "half"},
    ],
)
def test_a_bad_filter_is_400(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    async def go() -> None:
        answer = await client.get("/requests.json", params=query)
        assert (answer.status_code, answer.json()[0]["code"]) == (400, 400)

    run(go())


def test_what_the_interface_does_not_have_is_told_in_its_own_words(
    client: httpx.AsyncClient,
) -> None:
    async def go() -> None:
        nothing = await client.get("/tokens/1.json")
        assert (nothing.status_code, nothing.json()[0]["code"]) == (404, 404)
        format = await client.get("/services.csv")
        assert (format.status_code, fromstring(format.content).tag) == (400, "errors")

    run(go())
