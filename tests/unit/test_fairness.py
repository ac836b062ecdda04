"""Groups of requests, gaps between them, written reasons, and rewordings that should not matter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from evaluation.counterfactual import clear_changes, measure_rewordings, rewordings
from evaluation.fairness import Flagged, _apart, _matched, flagged, measure_groups
from evaluation.fairness_page import name_of
from evaluation.fairness_reasons import Reason, read_reasons, reason_for
from evaluation.groups import Group, districts, groups_of
from evaluation.outcomes import predict
from evaluation.truth import Example
from triage.errors import UnusableFile
from triage.pipeline import Pipeline


def example(index: int, text: str, **changes: str | None) -> Example:
    return replace(Example(str(index), "", text), **changes)  # type: ignore[arg-type]


def test_groups_are_told_by_words_length_place_and_dialect() -> None:
    found = {
        group.key: group.inside.tolist()
        for group in groups_of(
            [
                example(1, "我是残疾人", district="渝中区", style="note"),
                example(2, "啥子都莫得，咋个办嘛", district="城口县", style="transcript"),
            ]
        )
    }
    assert found["people:disability"] == [True, False]
    assert found["dialect:strong"] == [False, True]
    assert found["area:中心城区"] == [True, False]
    assert found["district:城口县"] == [False, True]
    assert found["style:note"] == [True, False]
    assert "length:<60" not in found  # both are short: there is no rest to compare with


def test_a_request_without_a_district_is_on_neither_side() -> None:
    rows = [
        example(1, "甲", district="渝中区"),
        example(2, "乙", district="城口县"),
        example(3, "丙"),
    ]
    area = next(group for group in groups_of(rows) if group.key == "area:渝东北")
    assert (area.inside.tolist(), area.outside.tolist()) == (
        [False, True, False],
        [True, False, False],
    )


def test_the_gap_is_group_less_rest_and_its_interval_leaves_out_zero_where_it_is_clear() -> None:
    clear = _apart(np.zeros(50), np.ones(50), "a", 200)
    assert (clear.value, clear.low, clear.high) == (-1.0, -1.0, -1.0)
    same = _apart(np.tile([0.0, 1.0], 50), np.tile([0.0, 1.0], 50), "a", 200)
    assert same.value == 0
    assert same.low < 0 < same.high


def test_a_gap_that_comes_from_harder_matters_is_gone_when_matched() -> None:
    # matter A is always right, B never; the group has B three times of four, the rest one of four
    matters = np.array(["A"] * 10 + ["B"] * 30 + ["A"] * 30 + ["B"] * 10)
    values = (matters == "A").astype(np.float64)
    inside = np.arange(80) < 40
    assert values[inside].mean() - values[~inside].mean() == -0.5
    assert _matched(values, Group("x", "y", inside, ~inside), matters) == 0


def test_only_a_large_and_clear_loss_is_flagged() -> None:
    def group(gap: float, low: float, high: float) -> dict[str, Any]:
        return {"figures": {"topic": {"gap": gap, "interval": [low, high]}}}

    found = flagged(
        {
            "a:clear": group(-0.06, -0.1, -0.01),
            "a:small": group(-0.04, -0.05, -0.03),
            "a:unsure": group(-0.2, -0.5, 0.01),
            "a:better": group(0.3, 0.2, 0.4),
            "a:abstains": {"figures": {"abstain": {"gap": -0.3, "interval": [-0.4, -0.2]}}},
        }
    )
    assert found == [Flagged("a:clear", "topic", -0.06)]


def test_a_reason_for_the_figure_goes_before_one_for_the_group() -> None:
    reasons = [Reason("style:note", "整组的原因"), Reason("style:note", "主题的原因", "topic")]
    assert reason_for(Flagged("style:note", "topic", -0.1), reasons) == "主题的原因"
    assert reason_for(Flagged("style:note", "lead_unit", -0.1), reasons) == "整组的原因"
    assert reason_for(Flagged("style:letter", "topic", -0.1), reasons) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[reason]]\nreason = '因为样本太少所以区间很宽'", "group"),
        ("[[reason]]\ngroup = 'style:note'\nreason = '少'", "10 个字"),
        ("[[reason]]\ngroup = 'style:note'\nwhy = '因为'", "why"),
        ("[[reason", "TOML"),
    ],
)
def test_a_reason_that_explains_nothing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "r.toml").write_text(text, "utf-8")
    with pytest.raises(UnusableFile, match=said):
        read_reasons(tmp_path / "r.toml")


def test_the_reasons_of_the_package_can_be_read() -> None:
    assert all(":" in reason.group for reason in read_reasons())


def test_a_group_is_measured_against_the_rest(tiny_model: Path) -> None:
    pipeline = Pipeline.from_model(tiny_model)
    rows = [example(i, f"老人说楼下油烟很大{i}", topic="ZF01") for i in range(40)]
    rows += [example(i, f"楼下油烟很大{i}", topic="SR03") for i in range(40, 80)]
    rows += [example(80, "残疾", topic="SR03")]
    found = cast(
        dict[str, Any],
        measure_groups(pipeline, rows, predict(pipeline, rows), resamples=100),
    )
    old = found["groups"]["people:old"]
    assert old["n"] == 40
    assert old["figures"]["topic"]["value"] == 0.0
    assert old["figures"]["topic"]["rest"] == pytest.approx(40 / 41, abs=1e-4)
    assert found["too_few"] == {"people:disability": 1}


def test_rewordings_touch_only_what_they_change() -> None:
    by_name = {rewording.name: rewording.edit for rewording in rewordings()}
    plain = example(1, "路灯坏了")
    assert by_name["old_to_young"](plain) is plain
    assert by_name["old_to_young"](example(1, "老人摔倒")).text == "年轻人摔倒"
    assert by_name["disability"](plain).text == "我是残疾人，路灯坏了"
    moved = by_name["district"](example(1, "渝中区路灯坏了", district="渝中区", township="石油路"))
    following = districts()[(districts().index("渝中区") + 1) % len(districts())]
    assert (moved.text, moved.district, moved.township) == (f"{following}路灯坏了", following, None)


def test_changed_decisions_are_counted_by_rewording(tiny_model: Path) -> None:
    # the tiny model knows 物业: 老人 → 年轻人 changes nothing, and added words neither
    pipeline = Pipeline.from_model(tiny_model)
    rows = [example(i, f"老人说物业不管事{i}") for i in range(20)]
    found = cast(dict[str, Any], measure_rewordings(pipeline, rows, predict(pipeline, rows)))
    assert found["old_to_young"]["n"] == 20
    assert found["old_to_young"]["changed"]["topic"]["share"] == 0.0
    assert found["control"]["changed"]["topic"]["share"] == 0.0
    assert "young_to_old" not in found  # touches none


def test_a_rewording_is_flagged_where_it_moves_decisions_far_more_than_the_control() -> None:
    def row(share: float, low: float, high: float) -> dict[str, Any]:
        changed = {"share": share, "interval": [low, high]}
        return {"n": 100, "changed": {name: changed for name in ("topic", "lead_unit", "level")}}

    found = {
        "control": row(0.02, 0.01, 0.04),
        "poverty": row(0.12, 0.09, 0.15),
        "old": row(0.06, 0.03, 0.09),
        "man": row(0.1, 0.015, 0.3),  # so few that it may be the control's
    }
    flags = clear_changes(found)
    assert {flag.key for flag, _ in flags} == {
        "wording:poverty:topic", "wording:poverty:lead_unit", "wording:poverty:level",
    }  # fmt: skip
    assert flags[0][1]["gap"] == -0.1
    assert flags[0][1]["interval"] == [-0.13, -0.07]
    assert clear_changes({"poverty": found["poverty"]}) == []


def test_groups_and_rewordings_have_names_for_people() -> None:
    assert name_of("people:old") == "身份用语：老人"
    assert name_of("wording:poverty") == "改说法：加“我是低保户”"
    assert name_of("length:<60") == "字数：<60"
