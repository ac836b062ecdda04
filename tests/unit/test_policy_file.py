"""The shipped policy holds what it says; a city's file is read whole, and every slip is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from triage.errors import PolicyError
from triage.workorder.clock import LEVELS, MODES, TYPES
from triage.workorder.policy import ClockKind, ExtensionRule
from triage.workorder.policy_file import load_policy, read_policy

SHIPPED = files("triage.workorder").joinpath("data/policy.toml").read_text("utf-8")


def problems(text: str) -> list[tuple[str | None, str, str]]:
    policy, found = read_policy(text.encode(), "city.toml")
    assert (policy is None) == bool(found)
    return [(problem.field, problem.value, problem.message) for problem in found]


def spoil(*changes: tuple[str, str]) -> list[tuple[str | None, str, str]]:
    """Replace the first of each old text in the shipped policy and return the problems."""
    text = SHIPPED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return problems(text)


def second_period(effective_from: str) -> str:
    """Return the shipped policy with its one period written twice."""
    start, end = SHIPPED.index("\n[[period]]\n"), SHIPPED.index("\n[queue]")
    period = SHIPPED[start:end]
    later = period.replace("effective_from = 2026-01-01", f"effective_from = {effective_from}")
    return SHIPPED[:end] + later + SHIPPED[end:]


@pytest.mark.parametrize(
    ("kind", "days"),
    [("CONSULT", 3), ("HELP", 7), ("SUGGEST", 7), ("PRAISE", 7), ("COMPLAINT", 15), ("REPORT", 15)],
)
def test_ordinary_levels_have_the_working_days_of_their_type(kind: str, days: int) -> None:
    period = load_policy().periods[0]

    for level in (3, 4):
        clock = period.clock("NORMAL", level, kind)
        assert (clock.kind, clock.amount) == (ClockKind.WORKING_DAYS, days)


@pytest.mark.parametrize(
    ("mode", "level", "minutes"),
    [("NORMAL", 0, 30), ("NORMAL", 1, 120), ("NORMAL", 2, 1440), ("EMERGENCY", 2, 720)],
)
def test_urgent_levels_are_counted_in_hours_whatever_the_type(
    mode: str, level: int, minutes: int
) -> None:
    period = load_policy().periods[0]

    for kind in TYPES:
        clock = period.clock(mode, level, kind)
        assert (clock.kind, clock.amount) == (ClockKind.HOURS, minutes)


def test_every_kind_of_order_has_a_clock_with_a_source() -> None:
    clocks = load_policy().periods[0].clocks

    assert set(clocks) == {(m, level, one) for m in MODES for level in LEVELS for one in TYPES}
    assert all(clock.source for clock in clocks.values())


def test_an_unknown_type_has_the_clock_of_help() -> None:
    period = load_policy().periods[0]

    assert period.clock("NORMAL", 3, "") == period.clock("NORMAL", 3, "HELP")


def test_the_period_in_force_is_that_of_the_day_in_shanghai() -> None:
    policy, found = read_policy(second_period("2026-07-01").encode(), "city.toml")

    assert found == []
    assert policy is not None
    # 15:59 UTC on 06-30 is 23:59 in Shanghai; a minute later 07-01 has begun there
    before = policy.at(datetime(2026, 6, 30, 15, 59, tzinfo=UTC))
    after = policy.at(datetime(2026, 6, 30, 16, 0, tzinfo=UTC))
    assert before.effective_from == date(2026, 1, 1)
    assert after.effective_from == date(2026, 7, 1)
    assert policy.on(date(2020, 1, 1)).effective_from == date(2026, 1, 1)


@pytest.mark.parametrize("day", ["2026-01-01", "2025-06-01"])
def test_periods_stand_in_order(day: str) -> None:
    message = "须晚于上一段的 2026-01-01；各段按生效日期从早到晚排列"

    assert problems(second_period(day)) == [("period[2].effective_from", day, message)]


def test_all_slips_are_named_at_once_with_key_value_and_remedy() -> None:
    found = spoil(
        ("\nhours = 2\n", '\nhours = "2"\n'),
        ("max_times = 2", "max_times = -1"),
        ('approver = "supervisor"', 'approver = "mayor"'),
        ("share_left = 0.5 ", "share_left = 50 "),
        ("[queue.EMERGENCY]\nurgency = 120", "[queue.EMERGENCY]\nurgncy = 120"),
    )

    assert found == [
        ("period[1].clock[2].hours", "2", "应是 1 到 744 的整数，不加引号"),
        ("period[1].extension.max_times", "-1", "应是 0 到 20 的整数，不加引号"),
        (
            "period[1].extension.approver",
            "mayor",
            "只能是 agent、dispatcher、handler、supervisor",
        ),
        ("period[1].reminder[1].share_left", "50", "应是 0.01 到 0.99 的数，不加引号"),
        ("queue.EMERGENCY.urgency", "", "缺少这一项；写成 0 到 1000 的数"),
        ("queue.EMERGENCY.urgncy", "120", "不认识的键；请检查拼写，可用的见 docs/policy.md"),
    ]


def test_an_order_without_a_clock_is_named() -> None:
    found = spoil(('types = ["PRAISE"]', 'types = ["HELP"]'))

    assert [(field, value) for field, value, _ in found] == [
        ("period[1].clock[6]", "NORMAL 3 级 HELP"),  # the second clock for it
        ("period[1].clock", "NORMAL 3 级 PRAISE"),
        ("period[1].clock", "NORMAL 4 级 PRAISE"),
        ("period[1].clock", "EMERGENCY 3 级 PRAISE"),
        ("period[1].clock", "EMERGENCY 4 级 PRAISE"),
    ]


def test_a_more_urgent_level_may_not_have_longer() -> None:
    found = spoil(("\nhours = 2\n", "\nhours = 20\n"), ("\nhours = 24\n", "\nhours = 12\n"))

    assert {(field, message) for field, _, message in found} == {
        ("period[1].clock", "比 2 级的 12 小时 还长；越急的时限不能越长")
    }
    assert found[0][1] == "NORMAL CONSULT 1 级 20 小时"


def test_two_ways_to_write_one_clock_are_refused() -> None:
    found = spoil(("\nhours = 2\n", "\nhours = 2\nminutes = 30\n"))

    assert found == [("period[1].clock[2]", "", "minutes、hours、working_days 三者恰写一个")]


@pytest.mark.parametrize("key", ["automatic_waiver = true", "waive_after_days = 5"])
def test_no_policy_can_close_an_order_by_itself(key: str) -> None:
    found = spoil(("[period.ruling]", f"{key}\n[period.ruling]"))

    name = key.split(" ")[0]
    message = "不能自动免回访：没有事项会自己办结；请删去，免回访由人写明理由"
    assert (f"period[1].follow_up.{name}", "", message) in found


def test_an_absent_section_is_named_once() -> None:
    start, end = SHIPPED.index("[period.extension]"), SHIPPED.index("[[period.reminder]]")

    assert problems(SHIPPED[:start] + SHIPPED[end:]) == [
        ("period[1].extension", "", "缺少这一项；请补上 [period[1].extension]")
    ]


def test_codes_of_pauses_are_unique() -> None:
    found = spoil(('code = "NO_ACCESS"', 'code = "WAIT_REQUESTER"'))

    assert found == [("period[1].pause[2].code", "WAIT_REQUESTER", "代码重复；请改名")]


@pytest.mark.parametrize("content", [b"id = ", "id = '重庆'".encode("gbk")])
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "city.toml"
    path.write_bytes(content)

    with pytest.raises(PolicyError, match=r"city\.toml 不是 UTF-8 的 TOML 文件") as failure:
        load_policy(path)
    assert failure.value.code == "policy_invalid"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="没有这个文件"):
        load_policy(tmp_path / "none.toml")


def test_a_citys_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "city.toml"
    text = SHIPPED.replace('id = "default"', 'id = "city"').replace(
        "\nhours = 2\n", "\nhours = 1\n"
    )
    path.write_text(text, "utf-8")

    policy = load_policy(path)

    assert policy.version.startswith("city-2026.1+")
    assert policy.periods[0].clock("NORMAL", 1, "HELP").amount == 60


def test_extensions_are_refused_beyond_their_number_and_length() -> None:
    rule = ExtensionRule(max_times=2, max_working_days=10, approver="supervisor", source="x")

    assert rule.refusal([], 10) is None
    assert rule.refusal([5], 1) is None
    assert rule.refusal([5, 5], 1) == "已延期 2 次，最多 2 次；请按期办结或申请督办"
    assert rule.refusal([], 11) == "申请延期 11 个工作日，每次只能是 1 到 10 个"
    assert rule.refusal([], 0) == "申请延期 0 个工作日，每次只能是 1 到 10 个"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('title = "默认政策"', 'title = " "', ("title", " ", "应是非空的文字")),
        (
            "applies_to_open = false",
            'applies_to_open = "no"',
            ("period[1].applies_to_open", "no", "应是 true 或 false，不加引号"),
        ),
        (
            "effective_from = 2026-01-01",
            "effective_from = 1926-01-01",
            (
                "period[1].effective_from",
                "1926-01-01",
                "应是 2001-01-01 或以后的日期，写成 2026-01-01，不加引号",
            ),
        ),
        (
            "complex_working_days = 2",
            "complex_working_days = 1\n#",
            None,  # as long as for a simple matter: allowed
        ),
        (
            "\nworking_days = 1\n",
            "\nworking_days = 3\n",
            (
                "period[1].reject.complex_working_days",
                "2",
                "不能少于 working_days；复杂事项只会更久",
            ),
        ),
        (
            'code = "HALF_LEFT"',
            'code = "half left"',
            (
                "period[1].reminder[1].code",
                "half left",
                "只能用大写字母、数字和 _，以字母开头，至多 40 个",
            ),
        ),
        (
            "share_left = 0.2",
            "share_left = 0.2\noverdue_hours = 1",
            ("period[1].reminder[2]", "", "share_left 与 overdue_hours 恰写一个"),
        ),
        (
            'to = ["supervisor"]',
            "to = []",
            (
                "period[1].reminder[4].to",
                "[]",
                "应是非空列表，可用 agent、dispatcher、handler、supervisor",
            ),
        ),
        (
            'to = ["supervisor"]',
            'to = ["supervisor", "supervisor"]',
            (
                "period[1].reminder[4].to",
                "['supervisor', 'supervisor']",
                "有重复的值；请只留一个",
            ),
        ),
        (
            'id = "default"',
            'id = "默认"',
            ("id", "默认", "只能用小写字母、数字、- 或 _，至多 40 个"),
        ),
        (
            "waiting = 1 ",
            "waiting = 0 ",
            ("queue.NORMAL.waiting", "0", "应是 0.01 到 1000 的数，不加引号"),
        ),
    ],
)
def test_each_slip_is_named_by_its_key(
    old: str, new: str, expected: tuple[str, str, str] | None
) -> None:
    assert spoil((old, new)) == ([expected] if expected else [])


def test_what_should_be_a_table_and_is_none_is_named() -> None:
    start = SHIPPED.index("\n[queue]")
    text = SHIPPED[:start].replace('title = "默认政策"', 'title = "默认政策"\nqueue = 3')

    assert problems(text) == [("queue", "3", "应是表：[queue]")]
    assert problems(
        SHIPPED[SHIPPED.index("\n[queue]") :].replace("\n[queue]", "period = 1\n[queue]", 1)
    )[-1] == ("period", "1", "应写成 [[period]]")
