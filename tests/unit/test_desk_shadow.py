from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from triage.desk.shadow import BATCH, Challenger, agreement, beginning, shade
from triage.request import CitizenRequest, Prediction, Topic
from triage.store.database import Database, StoreUnavailable
from triage.store.shadow import last_seq

if TYPE_CHECKING:
    from desks import Desk

OTHER = Topic("ZF01", "物业服务与收费", "住房房产", "生产生活服务", 0.9)


def challenger(desk: Desk, **changes: object) -> Challenger:
    def triage(requests: Sequence[CitizenRequest]) -> list[Prediction]:
        return [replace(one, **changes) for one in desk.triage(requests)]  # type: ignore[arg-type]

    return Challenger("new-1", triage)


def judge(desk: Desk, one: Challenger, after: int) -> int:
    return shade(desk.office.database, one, lambda: desk.now, after=after)


def test_a_challenger_judges_what_comes_in_after_it_and_nothing_before(desk: Desk) -> None:
    desk.take("以前的")
    database = desk.office.database
    after = beginning(database, "new-1")
    assert judge(desk, challenger(desk), after) == after
    before = desk.order(desk.take("新来的").order_id)
    reached = judge(desk, challenger(desk, topics=(OTHER,)), after)
    assert reached > after
    assert desk.order(before.id) == before  # nothing of the order changed, its version neither
    found = agreement(database, "new-1")
    assert (found.orders, found.before) == (1, {"m": 1})
    assert found.same == {"lead": 1, "request_type": 1, "urgency": 1, "acceptance": 1}
    assert found.to_json()["same"] == {
        "topic": 0.0,
        "lead": 1.0,
        "request_type": 1.0,
        "urgency": 1.0,
        "acceptance": 1.0,
    }


def test_begun_again_it_goes_on_where_it_was_and_counts_nothing_twice(desk: Desk) -> None:
    database = desk.office.database
    after = beginning(database, "new-1")
    for n in range(BATCH + 3):
        desk.take(f"第{n}件")
    after = judge(desk, challenger(desk), after)
    assert agreement(database, "new-1").orders == BATCH
    assert beginning(database, "new-1") == after
    again = judge(desk, challenger(desk), beginning(database, "new-1"))
    assert judge(desk, challenger(desk), again) == again
    assert agreement(database, "new-1").orders == BATCH + 3


def test_a_challenger_that_fails_leaves_those_orders_out(desk: Desk) -> None:
    def broken(requests: Sequence[CitizenRequest]) -> list[Prediction]:
        raise RuntimeError("no model")

    database = desk.office.database
    after = beginning(database, "new-1")
    desk.take("判不了的")
    reached = judge(desk, Challenger("new-1", broken), after)
    assert reached > after
    assert agreement(database, "new-1").to_json()["orders"] == 0
    desk.take("判得了的")
    judge(desk, challenger(desk), reached)
    assert agreement(database, "new-1").orders == 1


def test_it_sees_masked_texts_only(desk: Desk) -> None:
    after = beginning(desk.office.database, "new-1")
    desk.take("电话13800000000，路灯坏了")
    desk.asked.clear()
    judge(desk, challenger(desk), after)
    (request,) = desk.asked
    assert "13800000000" not in request.text


def test_a_database_that_is_gone_is_said_to_be_so(desk: Desk) -> None:
    class Gone:
        def read(self) -> object:
            raise StoreUnavailable("gone")

    gone: Database = Gone()  # type: ignore[assignment]
    with pytest.raises(StoreUnavailable):
        shade(gone, challenger(desk), lambda: desk.now, after=0)


def test_an_unknown_challenger_has_said_nothing(desk: Desk) -> None:
    with desk.office.database.read() as connection:
        assert last_seq(connection, "nobody") is None
    assert agreement(desk.office.database, "nobody").to_json()["orders"] == 0
