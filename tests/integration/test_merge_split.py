"""并单 and 拆单 over HTTP: reversible, nobody loses the answer, and a split teaches training."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import orjson
import pytest
from sqlalchemy import select

from evaluation.judged_pairs import RELATED, SAME_EVENT
from serving.app import create_app
from serving.engine import Fixed
from training.feedback.rulings import PAIRS, TEXTS, Rulings, harvest_rulings
from triage.catalogue import Catalogue
from triage.desk.clocks import PolicyClocks
from triage.desk.event_groups import EventDesk, follow, open_events
from triage.desk.reports import open_reports
from triage.hot.heat import load_heat
from triage.hot.storm import Storm
from triage.same_event.static_encoder import StaticEncoder
from triage.store.event_groups import event_of
from triage.store.outgoing_tables import outbox
from triage.text.elements import ElementExtractor

if TYPE_CHECKING:
    from desks import Desk
    from overlap_judge import OverlapJudge

CATALOGUE = Catalogue.load()
EXTRACTOR = ElementExtractor(CATALOGUE.place_names())
SMOKE, WATER = "澄川小区楼下烧烤店油烟太大，请处理", "停水三天了没有人来修"


class Hall:
    """The service over a desk, with the event groups followed by hand."""

    def __init__(self, desk: Desk, judge: OverlapJudge) -> None:
        clocks = desk.office.clocks
        assert isinstance(clocks, PolicyClocks)
        reports = open_reports(desk.office.database, CATALOGUE, clocks, lambda: desk.now)
        self.desk = desk
        self.app = create_app(Fixed(None), office=desk.office, reports=reports)
        storm = Storm(StaticEncoder.untrained(), judge, threshold=0.5, live=64)
        office = desk.office
        self.events = EventDesk(
            office.database, storm, EXTRACTOR, load_heat(), "t", lambda: desk.now,
            office.books.ranks,
        )  # fmt: skip

    def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask once."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=("127.0.0.1", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
                return await http.request(method, path, json=body)

        return asyncio.run(ask())

    def move(self, order_id: str, **wish: object) -> httpx.Response:
        """Make one move."""
        return self.send("POST", f"/v1/requests/{order_id}/transitions", wish)

    def grouped(self, *order_ids: str) -> list[str]:
        """Follow the ledger; return the events of these orders."""
        after = open_events(self.events)
        while (reached := follow(self.events, after)) != after:
            after = reached
        with self.desk.office.database.read() as connection:
            return [event_of(connection, one) for one in order_ids]

    def sizes(self) -> dict[str, str]:
        """Return what the queue says of the events of its orders."""
        items = self.send("GET", "/v1/queue").json()["items"]
        return {
            item["request"]["id"]: part["reason"]
            for item in items
            for part in item["reasons"]
            if part["part"] == "group_size"
        }

    def letters(self) -> set[tuple[str, str]]:
        """Return the notices written so far, each with its order."""
        with self.desk.office.database.read() as connection:
            return {(row.id, row.order_id) for row in connection.execute(select(outbox))}


@pytest.fixture
def hall(desk: Desk, overlap_judge: OverlapJudge) -> Hall:
    return Hall(desk, overlap_judge)


def test_a_merge_is_undone_over_http_and_leaves_everything_as_it_was(
    desk: Desk, hall: Hall
) -> None:
    main, other = desk.taken(SMOKE).id, desk.taken(WATER).id
    before = hall.send("GET", f"/v1/requests/{other}").json()
    assert hall.grouped(main, other) == [main, other]
    assert hall.move(other, to="MERGED", into=main).status_code == 200
    assert hall.grouped(main, other) == [main, main]
    assert hall.send("GET", f"/v1/requests/{main}").json()["absorbed"] == [other]
    assert hall.move(other, to="SUGGESTED", reason="不是一件事").status_code == 200
    after = hall.send("GET", f"/v1/requests/{other}").json()
    kept = ("state", "due_at", "received_at", "lead", "topic", "text", "merged_into", "absorbed")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert hall.send("GET", f"/v1/requests/{main}").json()["absorbed"] == []
    assert hall.grouped(main, other) == [main, f"S-{other}"]
    kinds = [
        one["kind"] for one in hall.send("GET", f"/v1/requests/{other}/timeline").json()["events"]
    ]
    assert kinds[-2:] == ["merge", "unmerge"]


def test_the_queue_over_http_tells_how_many_tell_of_the_event(desk: Desk, hall: Hall) -> None:
    first, second = desk.taken(SMOKE).id, desk.taken(f"{SMOKE}！").id
    lamp = desk.taken(WATER).id
    hall.grouped()
    assert hall.sizes() == {
        first: "同一事件 2 件诉求", second: "同一事件 2 件诉求", lamp: "同一事件 1 件诉求",
    }  # fmt: skip


def test_everybody_who_was_merged_is_told_and_who_was_taken_out_is_not(
    desk: Desk, hall: Hall
) -> None:
    main, stays, leaves = (
        desk.taken(f"{SMOKE}{'！' * n}", requester={"phone": f"1380000000{n}"}).id for n in range(3)
    )
    for one in (stays, leaves):
        assert hall.move(one, to="MERGED", into=main).status_code == 200
    assert hall.move(leaves, to="SUGGESTED", reason="不是一件事").status_code == 200
    before = hall.letters()
    reply = "油烟的问题已经整治完毕"
    assert hall.move(main, to="REPLIED", note=reply, reason="CONFIRMED").status_code == 200
    assert {order for _, order in hall.letters() - before} == {main, stays}


def test_rulings_go_out_as_judged_pairs_and_the_last_word_counts(
    desk: Desk, hall: Hall, tmp_path: Path
) -> None:
    main = desk.taken(SMOKE).id
    merged, split, back, loose = (desk.taken(f"{WATER}{'！' * n}").id for n in range(4))
    for one in (merged, split, back):
        hall.move(one, to="MERGED", into=main)
    for one in (split, back):
        hall.move(one, to="SUGGESTED", reason="不是一件事")
    hall.move(back, to="MERGED", into=main)
    assert harvest_rulings(desk.office.database, tmp_path) == Rulings(merged=2, split=1)
    with (tmp_path / PAIRS).open(encoding="utf-8", newline="") as file:
        rows = {row["query_id"]: row for row in csv.DictReader(file)}
    assert {id: (row["candidate_id"], int(row["label"])) for id, row in rows.items()} == {
        merged: (main, SAME_EVENT), split: (main, RELATED), back: (main, SAME_EVENT),
    }  # fmt: skip
    assert rows[merged]["component"] == rows[back]["component"] != rows[split]["component"]
    texts = [orjson.loads(line) for line in (tmp_path / TEXTS).read_bytes().splitlines()]
    assert {one["id"] for one in texts} == {main, merged, split, back}
    assert loose not in {one["id"] for one in texts}
    assert (tmp_path / PAIRS).stat().st_mode & 0o077 == 0


def test_the_last_word_on_a_pair_counts_whichever_absorbed_the_other(
    desk: Desk, hall: Hall, tmp_path: Path
) -> None:
    one, other = desk.taken(SMOKE).id, desk.taken(WATER).id
    database = desk.office.database
    for gone, main, last in ((one, other, Rulings(0, 1)), (other, one, Rulings(0, 1))):
        assert hall.move(gone, to="MERGED", into=main).status_code == 200
        assert harvest_rulings(database, tmp_path) == Rulings(1, 0)
        assert hall.move(gone, to="SUGGESTED", reason="不是一件事").status_code == 200
        assert harvest_rulings(database, tmp_path) == last
