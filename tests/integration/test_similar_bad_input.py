"""Bad and strange requests through `POST /v1/similar` and `POST /v1/triage`, shipped models."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from serving.app import create_app
from serving.engine import Engine, Fixed
from serving.finder import Finder
from serving.schemas import TriageResult
from serving.schemas_similar import SimilarResult
from triage.desk.neighbours import Neighbours
from triage.desk.sight import Sight, load_sight
from triage.explain import ExplainingPipeline
from triage.index import Snapshots

if TYPE_CHECKING:
    from desks import Desk

MODELS = Path(__file__).parents[2] / "models"
TEXT = "金竹苑3栋楼下的水管爆裂，水漫到马路上，已经停水两个小时"
DOORS = ("/v1/similar", "/v1/triage")

pytestmark = pytest.mark.slow


@dataclass
class Service:
    """The application over a desk; its index is followed by hand."""

    engine: Engine
    desk: Desk
    folder: Path
    sight: Sight

    def __post_init__(self) -> None:
        database = self.desk.office.database
        snapshots = Snapshots(self.folder, self.sight.version, self.sight.dimensions)
        self.neighbours = Neighbours(database, snapshots, self.sight, lambda: None)
        finder = Finder(self.neighbours, self.desk.office.identity)
        self.app = create_app(Fixed(self.engine), office=self.desk.office, finder=finder)

    def send(self, path: str, body: dict[str, object] | bytes) -> httpx.Response:
        """Post once, all news read."""
        self.neighbours.follow()
        content = body if isinstance(body, bytes) else json.dumps(body).encode()

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                headers = {"content-type": "application/json"}
                return await http.post(path, content=content, headers=headers)

        return asyncio.run(once())

    def found(self, path: str, **body: object) -> list[dict[str, Any]]:
        """Return the similar orders of an answer that keeps the contract."""
        answer = self.send(path, {"id": "n", **body})
        assert answer.status_code == 200, answer.text
        contract = SimilarResult if path == "/v1/similar" else TriageResult
        contract.model_validate_json(answer.content)
        similar: list[dict[str, Any]] = answer.json()["similar"]
        return similar


@pytest.fixture(scope="module")
def shipped() -> tuple[ExplainingPipeline, Sight]:
    return ExplainingPipeline.load(MODELS), load_sight(MODELS)


@pytest.fixture
def service(desk: Desk, tmp_path: Path, shipped: tuple[ExplainingPipeline, Sight]) -> Service:
    return Service(shipped[0], desk, tmp_path / "ix", shipped[1])


@pytest.mark.parametrize("door", DOORS)
def test_texts_and_fields_of_any_kind_are_answered_with_the_orders(
    desk: Desk, service: Service, door: str
) -> None:
    texts = ("水", "？", TEXT, "水" * 100_000)
    ids = {desk.taken(text).id for text in texts}
    for text in texts:
        assert {one["id"] for one in service.found(door, text=text)} == ids
    for field in ({"received_at": None}, {"received_at": ""}, {"district": "火星区"}):
        assert {one["id"] for one in service.found(door, text=TEXT, **field)} == ids


@pytest.mark.parametrize("door", DOORS)
def test_numbers_alone_are_named_as_what_differs(desk: Desk, service: Service, door: str) -> None:
    desk.take("3号线何时开工")
    (found,) = service.found(door, text="11号线何时开工")
    assert found["label"] != "SAME_EVENT"
    assert "other_number" in {ground["kind"] for ground in found["contradictions"]}


@pytest.mark.parametrize("door", DOORS)
def test_of_many_copies_ten_are_shown(desk: Desk, service: Service, door: str) -> None:
    ids = {desk.taken(TEXT).id for _ in range(200)}
    found = service.found(door, text=TEXT)
    assert len({one["id"] for one in found} & ids) == 10
    assert {one["label"] for one in found} == {"SAME_EVENT"}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json_invalid"),
        (b'{"id": "1", "text": "', "json_invalid"),
        ('{"id": "1", "text": "污水"}'.encode("gbk"), "json_invalid"),
        ({"id": "1", "text": "水" * 100_001}, "field_too_long"),
        ({"id": "1", "text": " \u3000"}, "field_blank"),
        ({"id": "1", "text": TEXT, "district": 5}, "field_type"),
        ({"id": "1", "text": TEXT, "received_at": "昨天"}, "time_invalid"),
        ({"id": "1", "text": TEXT, "received_at": "2999-01-01T00:00:00Z"}, "time_in_future"),
    ],
)
def test_what_is_no_request_is_refused_by_code_with_the_remedy(
    service: Service, door: str, body: dict[str, object] | bytes, code: str
) -> None:
    answer = service.send(door, body)
    assert answer.status_code in (400, 422)
    said = answer.json()
    assert code in (said["code"], *(one["code"] for one in said.get("errors", ())))
    assert "；" in answer.text


def test_a_pair_in_doubt_is_read_where_somebody_asks_for_it(
    desk: Desk, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.taken("我们小区旁边的石桥铺公园，说要修，到现在还是荒地，何时开工？")
    desk.taken("社保卡丢了怎么补办，要带什么材料？")
    text = "规划公示三年了，石桥铺公园一直没有动工，请问何时开建？"
    read, fast = (service.found(door, text=text) for door in DOORS)
    assert [one["id"] for one in read] == [one["id"] for one in fast]
    assert read[0]["label"] == "SAME_EVENT"
    assert read[0]["probability"] != fast[0]["probability"]
    assert read[1]["probability"] == fast[1]["probability"] < 0.01  # nothing is in doubt
    monkeypatch.setattr("serving.finder.WAITING", 0)  # too many wait: it is answered all the same
    assert service.found("/v1/similar", text=text)[0]["probability"] == fast[0]["probability"]
