"""`triage rules`: what the command line lists, makes, ends, tries out, publishes and adopts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from triage.desk.actor import Actor
from triage.desk.disputes import Decision, rule_on
from triage.desk.moves import Wish
from triage.desk.pack_file import digest_of
from triage.store.precedents import precedents
from triage.store.routing_rules import all_rules

if TYPE_CHECKING:
    from desks import Desk

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
BOSS = Actor("boss", frozenset({"supervisor"}))
NEVER = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()
RULE: dict[str, Any] = {
    "unit": "ECOLOGY",
    "scope": {"topic": "SR03", "keywords": ["油烟"]},
    "basis": "会商纪要",
    "expires_on": NEVER,
}
REPLY = "已约谈该店负责人并清洗烟道，复查达标"


@pytest.fixture
def run(desk: Desk, triage: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> Run:
    """Return `run("list", …)`: the JSON printed, or exit code and message where it fails."""
    url = desk.office.database.url.render_as_string(hide_password=False)

    def once(action: str, *words: object) -> Any:  # noqa: ANN401 - whatever JSON comes
        code = triage("rules", action, *words, "--json", "--database", url)
        out = capsys.readouterr()
        return json.loads(out.out) if code == 0 else (code, out.err)

    return once


def file_of(tmp_path: Path, *rules: dict[str, Any]) -> Path:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": list(rules)}, ensure_ascii=False), "utf-8")
    return path


def added(run: Run, *more: object) -> str:
    basis = ("--topic", "SR03", "--until", NEVER, "--basis", "会商纪要")
    return str(run("add", "--unit", "ECOLOGY", *basis, *more)["rule"]["id"])


def handled(desk: Desk, unit: str, hours: int, count: int = 5) -> None:
    """Let a unit answer orders, each after so many hours."""
    for _ in range(count):
        order = desk.taken("路灯不亮")
        desk.go(order.id, Wish("DISPATCHED", unit=unit), Wish("HANDLING"))
        desk.wait(hours=hours)
        desk.go(order.id, Wish("REPLIED", note=REPLY, reason="CONFIRMED"))
        desk.wait(hours=-hours)


def test_a_rule_is_added_listed_and_ended(run: Run) -> None:
    rule_id = added(run)
    assert [one["id"] for one in run("list")["rules"]] == [rule_id]
    assert run("expire", rule_id)["ended_by"].startswith("cli:")
    assert run("list")["rules"] == []
    assert len(run("list", "--all")["rules"]) == 1
    code, said = run("expire", rule_id)
    assert (code, "已经失效" in said) == (2, True)


def test_a_bad_rule_is_refused_with_the_reason(run: Run) -> None:
    until = ("--until", NEVER, "--basis", "纪要")
    code, said = run("add", "--unit", "NOPE", "--topic", "SR03", *until)
    assert (code, "'NOPE'" in said) == (2, True)
    code, said = run("add", "--unit", "ECOLOGY", *until)
    assert (code, "适用范围" in said) == (2, True)
    code, said = run("add", "--unit", "ECOLOGY", "--until", "soon", "--basis", "x")
    assert (code, "日期" in said) == (2, True)


def test_simulation_says_which_orders_go_elsewhere_and_whose_deadline_is_missed(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    # HELP at level 3 has 7 working days, until Wednesday 11 March: 300 hours are too long for it,
    # 24 are not
    handled(desk, "ECOLOGY", 300)
    handled(desk, "URBAN_MGMT", 24)
    first = desk.taken("烧烤店油烟扰民").id
    desk.wait(days=3)
    desk.taken("不在这段日期里的油烟")
    rules = file_of(tmp_path, RULE | {"scope": {"keywords": ["油烟扰民"]}})
    trial = run("simulate", "--rules", rules, "--from", "2026-03-02", "--to", "2026-03-04")
    assert (trial["orders"], trial["unreadable"], trial["newly_missed"]) == (11, 0, 1)
    (moved,) = trial["moved"]
    assert (moved["order_id"], moved["from"], moved["to"]) == (first, "URBAN_MGMT", "ECOLOGY")
    assert (moved["missed_before"], moved["missed_after"]) == (False, True)
    assert {one["unit"]: (one["before"], one["after"]) for one in trial["loads"]} == {
        "ECOLOGY": (0, 1),
        "URBAN_MGMT": (11, 10),
    }
    assert {one["unit"]: one["median_days"] for one in trial["loads"]} == {
        "ECOLOGY": 12.5,
        "URBAN_MGMT": 1.0,
    }


def test_simulation_without_the_rule_in_force_gives_the_orders_back(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    added(run)
    # the order is suggested in 2026 while the command line's clock may be later: the rule's last
    # day lies after both
    assert desk.taken().lead == "ECOLOGY"
    trial = run(
        *("simulate", "--rules", file_of(tmp_path), "--from", "2026-03-02", "--to", "2026-03-02")
    )
    assert [(one["from"], one["to"]) for one in trial["moved"]] == [("ECOLOGY", "URBAN_MGMT")]
    assert trial["moved"][0]["missed_after"] is None  # nobody has answered anything yet


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nonsense", "JSON"),
        ("[]", "JSON 对象"),
        ("{}", "rules"),
        ('{"rules": [1]}', "第 1 条"),
        ('{"rules": [{"unit": "ECOLOGY"}]}', "scope"),
        (json.dumps({"rules": [RULE, RULE | {"unit": "NOPE"}]}), "第 2 条规则的 unit"),
        (json.dumps({"rules": [RULE | {"expires_on": "soon"}]}), "expires_on"),
        (json.dumps({"rules": [RULE | {"support": "ECOLOGY"}]}), "support"),
        (json.dumps({"rules": [RULE | {"made_at": "2026-03-02T00:00:00"}]}), "made_at"),
    ],
)
def test_a_damaged_file_of_rules_is_refused(
    run: Run, tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(content, "utf-8")
    days = ("--from", "2026-03-02", "--to", "2026-03-03")
    code, error = run("simulate", "--rules", path, *days)
    assert code == 2
    assert said in error


def test_a_period_that_ends_before_it_begins_is_refused(run: Run, tmp_path: Path) -> None:
    days = ("--from", "2026-03-03", "--to", "2026-03-02")
    code, error = run("simulate", "--rules", file_of(tmp_path), *days)
    assert (code, "对调" in error) == (2, True)


def published(desk: Desk, run: Run, tmp_path: Path) -> Path:
    """Return a pack with one rule and one ruling."""
    added(run)
    order_id = desk.taken().id
    back = Wish("REJECTED", reason="WRONG_DUTY", basis="不属我局")
    desk.go(order_id, Wish("DISPATCHED", unit="ECOLOGY"), back, Wish("OBJECTED"))
    desk.now = datetime.now(UTC)  # rulings of the last year are published
    rule_on(desk.office, order_id, Decision("ECOLOGY", "裁定依据"), BOSS)
    path = tmp_path / "pack.json"
    run("pack", "--publisher", "渝中区", "--out", path)
    return path


def test_a_pack_carries_neither_orders_nor_people(desk: Desk, run: Run, tmp_path: Path) -> None:
    text = published(desk, run, tmp_path).read_text("utf-8")
    document = json.loads(text)
    assert document["digest"] == digest_of(document)
    assert [one["unit"] for one in document["rules"]] == ["ECOLOGY"]
    assert [one["basis"] for one in document["precedents"]] == ["裁定依据"]
    assert "order_id" not in text
    assert "boss" not in text


def test_a_pack_is_compared_tried_and_adopted_for_one_s_own_region(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    path = published(desk, run, tmp_path)
    digest = json.loads(path.read_text("utf-8"))["digest"]
    here = ("--region", "500106", "--digest", digest)
    dry = run("adopt", path, *here, "--dry-run")
    assert [one["scope"]["region"] for one in dry["added"]] == ["500106"]
    assert dry["trial"]["moved"] == []
    with desk.office.database.read() as connection:
        assert len(all_rules(connection)) == 1
    run("adopt", path, *here, "--apply")
    with desk.office.database.read() as connection:
        new = next(one for one in all_rules(connection) if one.publisher)
        shared = [one for one in precedents(connection, "SR03") if one.publisher]
    assert (new.publisher, new.scope.region, new.order_id) == ("渝中区", "500106", "")
    assert [(one.unit, one.basis, one.order_id) for one in shared] == [("ECOLOGY", "裁定依据", "")]
    code, said = run("adopt", path, *here, "--apply")
    assert (code, "没有新内容" in said) == (2, True)


def test_a_later_pack_changes_the_rule_it_replaces(desk: Desk, run: Run, tmp_path: Path) -> None:
    path = published(desk, run, tmp_path)
    run("adopt", path, "--region", "500106", "--apply")
    document = json.loads(path.read_text("utf-8"))
    document["rules"][0]["unit"] = "MARKET"
    document["digest"] = digest_of(document)
    path.write_text(json.dumps(document), "utf-8")
    found = run("adopt", path, "--region", "500106", "--apply")
    assert [(one["from"]["unit"], one["to"]["unit"]) for one in found["changed"]] == [
        ("ECOLOGY", "MARKET")
    ]
    with desk.office.database.read() as connection:
        adopted = [one for one in all_rules(connection) if one.publisher]
    assert sorted((one.unit, one.ended_at is None) for one in adopted) == [
        ("ECOLOGY", False),
        ("MARKET", True),
    ]
    document["rules"] = []
    document["digest"] = digest_of(document)
    path.write_text(json.dumps(document), "utf-8")
    assert len(run("adopt", path, "--region", "500106", "--dry-run")["gone"]) == 1


def test_a_pack_that_was_changed_or_is_not_the_one_told_is_refused(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    path = published(desk, run, tmp_path)
    code, said = run("adopt", path, "--digest", "0" * 64, "--apply")
    assert (code, "不是发布方告知的" in said) == (2, True)
    text = path.read_text("utf-8")
    path.write_text(text.replace("裁定依据", "改过的依据"), "utf-8")
    code, said = run("adopt", path, "--apply")
    assert (code, "摘要不符" in said) == (2, True)
    path.write_text(json.dumps(RULE), "utf-8")
    code, said = run("adopt", path, "--apply")
    assert (code, "不是规则包" in said) == (2, True)
    code, said = run("adopt", path, "--region", "999999", "--apply")
    assert (code, "999999" in said) == (2, True)


def test_rules_that_may_not_stand_here_are_named_and_left_out(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    path = published(desk, run, tmp_path)
    document = json.loads(path.read_text("utf-8"))
    document["rules"].append(document["rules"][0] | {"id": "R2", "unit": "NOPE"})
    document["digest"] = digest_of(document)
    path.write_text(json.dumps(document), "utf-8")
    found = run("adopt", path, "--region", "500106", "--apply")
    assert [one["rule"] for one in found["refused"]] == ["R2"]
    assert len(found["added"]) == 1


def test_tables_for_people_say_the_same(
    desk: Desk,
    run: Run,
    triage: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    path = published(desk, run, tmp_path)
    url = ("--database", desk.office.database.url.render_as_string(hide_password=False))
    assert triage("rules", "list", *url) == 0
    assert "会商纪要" in capsys.readouterr().out
    assert triage("rules", "adopt", path, "--region", "500106", "--dry-run", *url) == 0
    out = capsys.readouterr().out
    assert "新增" in out
    assert "先例 1 件" in out
    days = ("--from", "2026-03-02", "--to", "2026-03-02")
    assert triage("rules", "simulate", "--rules", file_of(tmp_path), *days, *url) == 0
    assert "ECOLOGY → URBAN_MGMT\t1 件" in capsys.readouterr().out
