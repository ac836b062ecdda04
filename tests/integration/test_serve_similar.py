"""Similar orders over HTTP: who is shown what, and what is said while the index is not there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.engine import Fixed
from serving.finder import Finder, may_read
from serving.following import Following
from serving.rights import ROLES
from serving.schemas import TriageResult
from serving.schemas_disputes import DisputeDocument
from serving.schemas_explain import ExplanationResult
from serving.schemas_similar import SimilarResult
from triage.desk.actor import Actor
from triage.desk.disputes import Decision, rule_on
from triage.desk.moves import Wish
from triage.desk.neighbours import Neighbours
from triage.desk.sight import Sight
from triage.index import Snapshots
from triage.request import CitizenRequest, Ranked, Versions
from triage.same_event.entry import Entry
from triage.same_event.judgement import Ground, Judgement, Label
from triage.store.database import Database

if TYPE_CHECKING:
    from desks import Desk

ENGINE = DebugPipeline(Versions("m", "c", "r"), DebugLists())
TEXT = "金竹苑三栋楼下的水管爆裂，水漫到马路上，已经停水两个小时"
AGAIN = {"id": "n-1", "text": "金竹苑三栋门口水管爆了，马路上全是水，停水两小时了，电话13800138000"}


@dataclass
class Service:
    """The application over a desk, and its index, which is followed by hand."""

    app: FastAPI
    neighbours: Neighbours

    def send(self, path: str, body: object = AGAIN) -> httpx.Response:
        """Post once."""
        return self._ask("POST", path, body)

    def get(self, path: str) -> httpx.Response:
        """Get once."""
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: object) -> httpx.Response:
        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                return await http.request(method, path, json=body)

        return asyncio.run(request())


@pytest.fixture
def service(desk: Desk, tmp_path: Path, plain_sight: Callable[..., Sight]) -> Service:
    sight = plain_sight()
    snapshots = Snapshots(tmp_path / "index", sight.version, sight.dimensions)
    neighbours = Neighbours(desk.office.database, snapshots, sight, lambda: None)
    app = create_app(
        Fixed(ENGINE), office=desk.office, finder=Finder(neighbours, desk.office.identity)
    )
    return Service(app, neighbours)


def test_a_text_is_answered_with_the_orders_of_the_same_event(desk: Desk, service: Service) -> None:
    order = desk.taken(TEXT)
    service.neighbours.follow()
    answer = service.send("/v1/similar")
    assert answer.status_code == 200
    found = SimilarResult.model_validate_json(answer.content)
    assert (found.id, [one.id for one in found.similar]) == ("n-1", [order.id])
    assert answer.headers["cache-control"] == "no-store"


def test_every_triage_names_similar_orders(desk: Desk, service: Service) -> None:
    orders = {desk.taken(f"{TEXT}，第{n}次").id for n in range(12)}
    service.neighbours.follow()
    found = TriageResult.model_validate_json(service.send("/v1/triage").content)
    assert len(found.similar) == 10
    assert {one.id for one in found.similar} < orders
    probabilities = [one.probability for one in found.similar]
    assert probabilities == sorted(probabilities, reverse=True)


def test_no_personal_data_comes_back(desk: Desk, service: Service) -> None:
    desk.taken(f"{TEXT}，我叫陶小满，电话13900139000", requester={"phone": "13900139000"})
    service.neighbours.follow()
    for path in ("/v1/similar", "/v1/triage"):
        assert "13900139000" not in service.send(path).text


def test_while_the_index_is_not_read_similar_says_so_and_triage_goes_on(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    refused = service.send("/v1/similar")
    assert (refused.status_code, refused.json()["code"]) == (503, "index_not_ready")
    with caplog.at_level(logging.WARNING, "serving.finder"):
        answers = [service.send("/v1/triage") for _ in range(2)]
    assert [(one.status_code, one.json()["similar"]) for one in answers] == [(200, [])] * 2
    assert len([one for one in caplog.records if "index_not_ready" in one.message]) == 1


def test_while_the_database_is_gone_similar_says_so_and_triage_goes_on(
    desk: Desk, service: Service, tmp_path: Path
) -> None:
    desk.taken(TEXT)
    service.neighbours.follow()
    service.neighbours.database = Database(f"sqlite:///{tmp_path}/no-folder/gone.db")
    refused = service.send("/v1/similar")
    assert (refused.status_code, refused.json()["code"]) == (503, "store_unavailable")
    assert service.send("/v1/triage").json()["similar"] == []


@pytest.mark.parametrize(
    "body", [{"id": "1"}, {"id": "1", "text": " "}, {"id": "1", "text": 5}, [], "x"]
)
def test_a_body_that_is_no_request_is_refused_by_field(service: Service, body: object) -> None:
    answer = service.send("/v1/similar", body)
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_may_not_read_orders_is_not_shown_similar_ones(role: str) -> None:
    actor = Actor("x", frozenset({role}))
    assert may_read(actor) == (role != "analyst")


def test_an_analyst_triages_without_similar_orders(desk: Desk, service: Service) -> None:
    desk.taken(TEXT)
    service.neighbours.follow()
    finder = Finder(service.neighbours)
    analyst = Actor("x", frozenset({"analyst"}))
    assert asyncio.run(finder.similar(None, None, analyst)) == []  # type: ignore[arg-type]


def test_a_new_order_is_found_while_the_service_follows(desk: Desk, service: Service) -> None:
    async def follow() -> str:
        following = asyncio.create_task(Following(service.neighbours).poll())
        order = await asyncio.to_thread(desk.taken, TEXT)
        async with asyncio.timeout(20):
            while service.neighbours.index is None or order.id not in service.neighbours.index:
                done, _ = await asyncio.wait({following}, timeout=0.02)
                assert not done, following.exception()
        following.cancel()
        return order.id

    order_id = asyncio.run(follow())
    assert [one["id"] for one in service.send("/v1/similar").json()["similar"]] == [order_id]


REPLY = "已派抢修队更换水管，当日恢复供水"


def closed(desk: Desk, text: str = TEXT) -> str:
    """Return an order that was sent, answered, followed up and closed."""
    order = desk.taken(text)
    desk.go(
        order.id,
        Wish("DISPATCHED", unit="URBAN_MGMT"),
        Wish("HANDLING"),
        Wish("REPLIED", note=REPLY),
        Wish("FOLLOWED_UP", reason="SATISFIED"),
        Wish("CLOSED"),
    )
    return order.id


def test_an_explanation_names_how_the_nearest_closed_orders_ended(
    desk: Desk, service: Service
) -> None:
    desk.taken(TEXT)
    done = closed(desk)
    service.neighbours.follow()
    answer = service.send("/v1/explain")
    found = ExplanationResult.model_validate_json(answer.content).precedents
    assert [(one.order_id, one.lead, one.reply) for one in found] == [(done, "URBAN_MGMT", REPLY)]
    assert (found[0].outcome, found[0].ruling) == ("SATISFIED", None)


def test_no_report_is_a_precedent(desk: Desk, service: Service) -> None:
    said = desk.said
    assert said is not None
    desk.said = replace(said, request_type=Ranked("REPORT", 0.9))
    closed(desk)
    service.neighbours.follow()
    assert service.send("/v1/explain").json()["precedents"] == []


def test_a_dispute_names_the_nearest_closed_orders_with_their_rulings(
    desk: Desk, service: Service
) -> None:
    back = Wish("REJECTED", reason="WRONG_DUTY", basis="不属我局")
    ruled = desk.taken(TEXT)
    desk.go(ruled.id, Wish("DISPATCHED", unit="ECOLOGY"), back, Wish("OBJECTED"))
    decision = Decision("URBAN_MGMT", "权责清单第12项")
    rule_on(desk.office, ruled.id, decision, Actor("boss", frozenset({"supervisor"})))
    ending = (Wish("REPLIED", note=REPLY), Wish("FOLLOWED_UP", reason="SATISFIED"), Wish("CLOSED"))
    desk.go(ruled.id, Wish("HANDLING"), *ending)
    asked = desk.taken(TEXT)
    desk.go(asked.id, Wish("DISPATCHED", unit="ECOLOGY"), back, Wish("OBJECTED"))
    service.neighbours.follow()
    answer = service.get(f"/v1/disputes/{asked.id}")
    (found,) = DisputeDocument.model_validate_json(answer.content).nearest_closed
    assert found.order_id == ruled.id
    assert found.ruling is not None
    assert (found.ruling.unit, found.ruling.basis) == ("URBAN_MGMT", "权责清单第12项")


class Knowing:
    """A judge that finds everything one event and says whose two requests are, as grounds do."""

    def judge(self, query: Entry, candidates: Sequence[Entry]) -> list[Judgement]:
        """Return one judgement a candidate."""
        return [Judgement(Label.SAME_EVENT, 0.9, _who(query, one)) for one in candidates]


def _who(one: Entry, other: Entry) -> tuple[Ground, ...]:
    if not one.requester or not other.requester:
        return ()
    is_same = one.requester == other.requester
    return (Ground("same_requester" if is_same else "other_requester", ""),)


@pytest.fixture
def knowing(desk: Desk, tmp_path: Path, plain_sight: Callable[..., Sight]) -> Service:
    sight = replace(plain_sight(), judge=Knowing())
    snapshots = Snapshots(tmp_path / "index", sight.version, sight.dimensions)
    neighbours = Neighbours(desk.office.database, snapshots, sight, lambda: None)
    finder = Finder(neighbours, desk.office.identity)
    return Service(create_app(Fixed(ENGINE), office=desk.office, finder=finder), neighbours)


def test_a_repeat_is_told_from_what_others_tell(desk: Desk, knowing: Service) -> None:
    mine = desk.taken(TEXT, requester={"phone": "13900139000"}).id
    theirs = desk.taken(f"{TEXT}！", requester={"phone": "13700137000"}).id
    unknown = desk.taken(f"{TEXT}？").id
    knowing.neighbours.follow()
    asked = {**AGAIN, "requester": {"phone": "+86 139-0013-9000"}}
    answer = knowing.send("/v1/similar", asked)
    found = SimilarResult.model_validate_json(answer.content)
    relations = {one.id: one.relation for one in found.similar}
    assert relations == {mine: "REPEAT", theirs: "OTHERS", unknown: "SAME_EVENT"}
    assert "0013" not in answer.text
    nobody = SimilarResult.model_validate_json(knowing.send("/v1/similar").content)
    assert {one.relation for one in nobody.similar} == {"SAME_EVENT"}
    unit = Actor("h", frozenset({"handler"}), frozenset({"URBAN_MGMT"}))
    desk.go(mine, Wish("DISPATCHED", unit="URBAN_MGMT"))
    finder = Finder(knowing.neighbours, desk.office.identity)
    request = CitizenRequest("n", TEXT)
    said = ENGINE.triage([request])[0]
    (shown,) = asyncio.run(finder.similar(request, said, unit, phone="13900139000"))
    assert isinstance(shown, dict)
    assert (shown["id"], shown["relation"]) == (mine, "SAME_EVENT")


@pytest.mark.parametrize("requester", ["13900139000", 5, [], {"phone": [5]}, {"phone": "1" * 33}])
def test_a_requester_that_is_none_is_refused_by_field(knowing: Service, requester: object) -> None:
    answer = knowing.send("/v1/similar", {**AGAIN, "requester": requester})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("requester")
