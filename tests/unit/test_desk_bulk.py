from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from triage.desk.bulk import PATIENCE_SECONDS, Bulk, Taken, take_files
from triage.desk.bulk_rows import intake_headers, read_row
from triage.desk.intake_batch import BATCH, receive_all
from triage.desk.record import parse_intake
from triage.errors import InvalidRequest, UnusableFile
from triage.intake.rejects import RejectsFile
from triage.request import CitizenRequest, Prediction
from triage.store.database import StoreUnavailable
from triage.store.ledger import events_of
from triage.store.tables import ledger, work_order
from triage.store.vault import Field, Reading
from triage.workorder.order import WorkOrder

if TYPE_CHECKING:
    from desks import Desk


class Killed(Exception):
    """Stands for kill -9 between two batches."""


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def numbered(path: Path, count: int) -> Path:
    rows = [["工单编号", "诉求内容"], *([f"N-{n}", f"第{n}盏路灯坏了"] for n in range(count))]
    return write_csv(path, rows)


def take(desk: Desk, *paths: Path, at: int = -1) -> tuple[Taken, str]:
    """Take files in; `at` is the batch after which the run is killed."""
    done = 0

    def progress(size: int) -> None:
        nonlocal done
        done += 1
        if done == at:
            raise Killed

    buffer = io.BytesIO()
    bulk = Bulk(desk.office, intake_headers(), "loader", "portal", sleep=lambda _: None)
    taken = take_files(bulk, paths, RejectsFile(buffer), progress=progress)
    return taken, buffer.getvalue().decode("utf-8-sig")


def orders(desk: Desk) -> list[WorkOrder]:
    with desk.office.database.read() as connection:
        found = connection.execute(select(work_order.c.document).order_by(work_order.c.id))
        return [WorkOrder.load(document) for document in found.scalars()]


def test_every_row_becomes_an_order_with_its_requester_sealed(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["工单编号", "诉求内容", "来电时间", "姓名", "联系电话", "来源"],
            ["A-1", "路灯坏了，我电话13800000000", "2026-03-01 09:30", "王小明", "13800000000", ""],
            ["A-2", "楼下油烟太大", "", "", "", "网站"],
        ],
    )
    taken, rejects = take(desk, path)
    assert (taken.rows, taken.new, taken.known, taken.rejected) == (2, 2, 0, 0)
    assert len(rejects.splitlines()) == 1
    first, second = sorted(orders(desk), key=lambda order: order.source_id)
    assert (first.source, first.source_id, first.lead) == ("portal", "A-1", "URBAN_MGMT")
    assert (second.source, second.source_id) == ("网站", "A-2")
    assert "13800000000" not in first.text
    assert first.phone_tail
    reading = Reading("chief", "核对", desk.now)
    sealed = desk.office.vault.open_sealed(
        desk.office.database, first.id, frozenset({Field.NAME, Field.PHONE}), reading
    )
    assert sealed == {Field.NAME: "王小明", Field.PHONE: "13800000000"}
    with desk.office.database.read() as connection:
        assert events_of(connection, first.id)[0].event.actor == "loader"


def test_tables_and_lines_give_the_same_orders(desk: Desk, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["编号", "内容", "电话"])
    book.active.append([20260001, "路灯坏了", 13800000000])
    book.save(tmp_path / "a.xlsx")
    line = {
        "id": "B-1",
        "text": "井盖没了",
        "requester": {"phone": "13800000001"},
        "origin": "inspection",
    }
    (tmp_path / "b.jsonl").write_text(json.dumps(line, ensure_ascii=False), "utf-8")
    taken, _ = take(desk, tmp_path / "a.xlsx", tmp_path / "b.jsonl")
    assert taken.new == 2
    found = {order.source_id: order for order in orders(desk)}
    assert found.keys() == {"20260001", "B-1"}
    assert found["B-1"].origin == "proactive_case"
    assert all(order.phone_tail for order in found.values())


def test_a_killed_run_begun_again_takes_every_row_in_once(desk: Desk, tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.csv", 3 * BATCH + 7)
    with pytest.raises(Killed):
        take(desk, path, at=2)
    assert len(orders(desk)) == 2 * BATCH
    taken, _ = take(desk, path)
    assert (taken.new, taken.known, taken.rows) == (BATCH + 7, 2 * BATCH, 3 * BATCH + 7)
    assert {order.source_id for order in orders(desk)} == {f"N-{n}" for n in range(3 * BATCH + 7)}
    assert len(orders(desk)) == 3 * BATCH + 7


def test_rows_without_a_number_are_known_again_by_their_content(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["诉求内容"], ["路灯坏了"], ["井盖没了"]])
    assert take(desk, path)[0].new == 2
    assert take(desk, path)[0].known == 2
    assert len(orders(desk)) == 2


def test_refused_rows_are_listed_with_reasons_and_without_personal_data(
    desk: Desk, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["工单编号", "诉求内容", "来电时间", "姓名", "来源"],
            ["A-1", "路灯坏了", "", "王小明", ""],
            ["A-1", "又坏了，电话13800000000", "", "王小明", ""],
            ["A-2", "", "", "", ""],
            ["A-3", "井盖没了", "昨天", "", ""],
            ["", "同一句话", "", "", ""],
            ["", "同一句话", "", "", ""],
            ["A-4", "油烟", "", "", "x" * 65],
            ["1.23E+17", "油烟", "", "", ""],
        ],
    )
    taken, text = take(desk, path)
    assert (taken.rows, taken.new) == (8, 2)
    assert taken.reasons == {
        "duplicate_id": 1,
        "field_blank": 1,
        "time_invalid": 1,
        "duplicate_content": 1,
        "field_too_long": 1,
        "id_damaged": 1,
    }
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["row"] for row in rows] == ["3", "4", "5", "7", "8", "9"]
    assert "第 2 行" in rows[0]["reason"]
    assert "13800000000" not in text
    assert "王小明" not in text
    assert str(tmp_path) not in text
    again, same = take(desk, path)
    assert (again.known, again.new, same) == (2, 0, text)


def test_a_database_that_comes_back_is_waited_for(desk: Desk, tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.csv", 3)
    real, slept = desk.office.database, list[float]()

    class Gone:
        def read(self) -> object:
            if len(slept) < 3:
                raise StoreUnavailable("gone")
            return real.read()

        def write(self) -> object:
            return real.write()

    office = replace(desk.office, database=Gone())  # type: ignore[arg-type]
    bulk = Bulk(office, intake_headers(), "loader", "portal", sleep=slept.append)
    assert take_files(bulk, [path], RejectsFile(io.BytesIO())).new == 3
    assert slept == list(PATIENCE_SECONDS[:3])


def test_a_database_that_stays_away_ends_the_run(desk: Desk, tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.csv", 3)
    slept = list[float]()

    class Gone:
        def read(self) -> object:
            raise StoreUnavailable("gone")

    office = replace(desk.office, database=Gone())  # type: ignore[arg-type]
    bulk = Bulk(office, intake_headers(), "loader", "portal", sleep=slept.append)
    with pytest.raises(StoreUnavailable):
        take_files(bulk, [path], RejectsFile(io.BytesIO()))
    assert slept == list(PATIENCE_SECONDS)


def test_a_file_that_is_no_table_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(UnusableFile, match="诉求内容"):
        take(desk, tmp_path / "a.csv")
    assert orders(desk) == []


def test_a_batch_is_all_or_nothing(desk: Desk) -> None:
    real = desk.office.vault

    class Full:
        def seal(self, *given: object) -> None:
            order_id = str(given[1])
            seen.append(order_id)
            if len(seen) == 3:
                raise StoreUnavailable("full")
            real.seal(*given)  # type: ignore[arg-type]

    seen = list[str]()
    office = replace(desk.office, vault=Full())  # type: ignore[arg-type]
    given = [
        parse_intake({"text": "路灯", "source": "s", "source_id": f"{n}"}, now=desk.now)
        for n in range(5)
    ]
    with pytest.raises(StoreUnavailable):
        receive_all(office, given, actor="loader")
    assert orders(desk) == []
    with desk.office.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(ledger)).scalar_one() == 0
    receipts = receive_all(desk.office, given, actor="loader")
    assert [one.is_replay for one in receipts] == [False] * 5


def test_a_batch_is_judged_in_one_pass_and_a_model_that_is_down_stops_nothing(
    desk: Desk,
) -> None:
    calls = list[int]()

    def triage(requests: Sequence[CitizenRequest]) -> list[Prediction]:
        calls.append(len(requests))
        return desk.triage(requests)

    office = replace(desk.office, triages=(triage,))
    given = [
        parse_intake({"text": "路灯", "source": "s", "source_id": f"{n}"}, now=desk.now)
        for n in (1, 2, 1)
    ]
    receipts = receive_all(office, given, actor="loader")
    assert calls == [3]
    assert [one.is_replay for one in receipts] == [False, False, True]
    assert receipts[0].order_id == receipts[2].order_id
    desk.said = None
    more = [parse_intake({"text": "井盖", "source": "s", "source_id": "9"}, now=desk.now)]
    (receipt,) = receive_all(office, more, actor="loader")
    assert desk.order(receipt.order_id).state == "MANUAL"


def test_a_record_without_a_number_is_no_part_of_a_batch(desk: Desk) -> None:
    with pytest.raises(ValueError, match="source_id"):
        receive_all(desk.office, [parse_intake({"text": "路灯"}, now=desk.now)], actor="loader")


def test_a_city_names_its_own_columns(desk: Desk, tmp_path: Path) -> None:
    own = write_csv(tmp_path / "own.csv", [["来电者手机", "requester.phone"]])
    columns = intake_headers(own).assign(["来电者手机", "诉求内容", "姓名"])
    assert columns == {0: "requester.phone", 1: "text", 2: "requester.name"}
    bad = write_csv(tmp_path / "bad.csv", [["来电者手机", "requester.email"]])
    with pytest.raises(UnusableFile, match=r"requester\.phone"):
        intake_headers(bad)


def test_a_requester_that_is_no_object_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_row({"text": "路灯", "requester": "王小明"}, source="s", now=desk.now)
    assert refused.value.field == "requester"
