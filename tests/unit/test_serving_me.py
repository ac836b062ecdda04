from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from serving.routes.me import me_json
from triage.desk.actor import Actor
from triage.request import Json

if TYPE_CHECKING:
    from desks import Desk


def told(desk: Desk, role: str) -> dict[str, Json]:
    return me_json(Actor("x", frozenset({role})), desk.office)


def kinds(desk: Desk, role: str) -> set[str]:
    moves = cast(list[dict[str, str]], told(desk, role)["moves"])
    return {move["kind"] for move in moves}


def test_a_handler_is_offered_the_moves_of_a_unit_and_no_others(desk: Desk) -> None:
    assert kinds(desk, "handler") == {
        "acknowledge", "handle", "reject", "pause", "resume", "reply",
    }  # fmt: skip


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_who_only_reads_is_offered_no_move(desk: Desk, role: str) -> None:
    assert kinds(desk, role) == set()


def test_an_administrator_is_offered_every_move(desk: Desk) -> None:
    assert {"dispatch", "adjudicate", "close", "merge"} <= kinds(desk, "administrator")


def test_endpoints_are_those_of_the_table(desk: Desk) -> None:
    may = cast(list[str], told(desk, "auditor")["may"])
    assert "GET /v1/queue" in may
    assert "GET /progress" in may
    assert "POST /v1/requests/{id}/reveal" not in may


def test_a_pause_offers_the_reasons_of_the_policy_with_their_names(desk: Desk) -> None:
    moves = cast(list[dict[str, Json]], told(desk, "handler")["moves"])
    [pause] = [one for one in moves if (one["kind"], one["from"]) == ("pause", "HANDLING")]
    assert {"code": "WAIT_TEST", "name": "等待检测、检验或鉴定结果"} in cast(
        list[Json], pause["reasons"]
    )


def test_a_rejection_offers_the_reasons_of_the_catalogue_with_their_names(desk: Desk) -> None:
    moves = cast(list[dict[str, Json]], told(desk, "handler")["moves"])
    [reject] = [one for one in moves if (one["kind"], one["from"]) == ("reject", "HANDLING")]
    assert {"code": "WRONG_DUTY", "name": "职能不符"} in cast(list[Json], reject["reasons"])
    assert reject["needs"] == ["reason", "basis"]
