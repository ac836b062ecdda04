"""What an audit of labels finds: same texts that contradict, leaks, thin classes."""

from __future__ import annotations

import math

import pytest

from evaluation.truth import Example

pytest.importorskip("cleanlab", reason="needs the training extra")

from training.audit.balance import balance, class_counts
from training.audit.duplicates import Conflict, find_conflicts, find_leaks
from training.audit.findings import Against, Findings, to_csv, to_json
from training.audit.suspects import Suspect

pytestmark = pytest.mark.train
LONG = "化龙桥瑞云江岸小区物业上月在电梯里贴张通知，称物业费由二元三角涨至三元一角，未开业主大会"
OTHERS = ("石板坡路灯坏了三天没有人来修", "龙井湾夜里工地打桩吵得睡不着", "新桥村自来水发黄有味道")


def request(name: str, text: str, **labels: object) -> Example:
    return Example(id=name, title="", text=text, **labels)  # type: ignore[arg-type]


def test_the_same_letters_with_two_labels_contradict() -> None:
    rows = [
        request("1", LONG, topic="A"),
        request("2", LONG.replace("，", " , ") + "！", topic="A"),
        request("3", LONG, topic="B"),
        *(request(f"o{i}", text, topic="C") for i, text in enumerate(OTHERS)),
    ]
    conflicts, sets = find_conflicts(rows)
    assert conflicts == [Conflict("exact", "topic", (0, 1, 2), ("A", "A", "B"))]
    assert conflicts[0].majority == "A"
    assert sets["exact"] == 1


def test_near_texts_and_named_groups_contradict_each_in_its_own_column() -> None:
    rows = [
        request("1", LONG, topic="A"),
        request("2", LONG + "，要求制止。", topic="B"),
        request("3", OTHERS[0], request_type="HELP", group="g"),
        request("4", OTHERS[1], request_type="CONSULT", group="g"),
        request("5", OTHERS[2], topic="A"),
    ]
    conflicts, sets = find_conflicts(rows)
    assert [(one.kind, one.decision, one.rows) for one in conflicts] == [
        ("near", "topic", (0, 1)),
        ("group", "request_type", (2, 3)),
    ]
    assert conflicts[0].majority is None  # one against one
    assert sets == {"exact": 0, "near": 1, "group": 1}


def test_equal_labels_and_missing_ones_do_not_contradict() -> None:
    rows = [request("1", LONG, topic="A"), request("2", LONG, topic="A"), request("3", LONG)]
    assert find_conflicts(rows)[0] == []


def test_a_leak_is_named_once_by_its_strictest_kind() -> None:
    here = [request("a", OTHERS[0]), request("b", LONG, group="g")]
    there = [
        request("x", OTHERS[1]),
        request("y", LONG + "。"),
        request("z", LONG + "，要求制止。"),
        request("w", OTHERS[2], group="g"),
    ]
    here += [request(f"f{n}", f"{n}号线{n * 7}路公交第{n * 13}次晚点") for n in range(40)]
    found = [(leak.kind, leak.row, leak.other) for leak in find_leaks(here, there)]
    assert found == [("exact", 1, 1), ("near", 1, 2), ("group", 1, 3)]


def test_same_texts_within_one_file_are_no_leak() -> None:
    assert find_leaks([request("a", LONG), request("b", LONG)], [request("x", OTHERS[0])]) == []


def test_the_spread_of_classes_is_counted() -> None:
    rows = [
        request(str(i), "x", topic=topic) for i, topic in enumerate("A" * 60 + "B" * 20 + "C" * 4)
    ]
    counts = class_counts(rows, "topic")
    assert counts == {"A": 60, "B": 20, "C": 4}
    found = balance(counts)
    assert (found["largest"], found["median"], found["smallest"]) == (60, 20.0, 4)
    assert found["imbalance"] == 3.0
    assert (found["few"], found["rare"], found["few_labels"]) == (1, 1, {"C": 4})
    entropy = -sum(n / 84 * math.log(n / 84) for n in (60, 20, 4))
    assert found["effective"] == pytest.approx(math.exp(entropy), abs=1e-4)


@pytest.fixture
def findings() -> Findings:
    rows = (
        request("1", LONG, topic="A"),
        request("2", LONG, topic="B"),
        request("=3", "停水", topic="A"),
    )
    suspects = {"topic": [Suspect(2, "topic", "A", "B", 0.9, 0.001, True)]}
    against = Against(
        "test.jsonl", (request("9", LONG),), tuple(find_leaks(rows, [request("9", LONG)]))
    )
    conflicts, sets = find_conflicts(rows)
    return Findings(rows, suspects, tuple(conflicts), sets, (against,))


def test_the_work_list_names_what_is_certain_first(findings: Findings) -> None:
    lines = to_csv(findings).removeprefix("\ufeff").split("\r\n")
    assert lines[0] == "reason,id,decision,given,suggested,confidence,given_probability,with"
    assert lines[1:] == [
        "leak_exact,1,,,,,,test.jsonl:9",
        "leak_exact,2,,,,,,test.jsonl:9",
        "conflict_exact,1,topic,A,,,,2",
        "conflict_exact,2,topic,B,,,,1",
        "label_likely,'=3,topic,A,B,0.900,0.00100,",
        "",
    ]


def test_the_report_is_numbers_only(findings: Findings) -> None:
    report = to_json(findings)
    topic = report["decisions"]["topic"]  # type: ignore[index,call-overload]
    assert topic["suspects"]["count"] == topic["suspects"]["likely"] == 1  # type: ignore[index,call-overload]
    assert topic["conflicts"]["exact"] == {"sets": 1, "rows": 2}  # type: ignore[index,call-overload]
    [against] = report["against"]  # type: ignore[misc,union-attr]
    assert against["exact"] == {"pairs": 2, "rows": 2, "other_rows": 1}  # type: ignore[index,call-overload]
    assert against["other_share"] == 1.0  # type: ignore[index,call-overload]
    assert "停水" not in str(report)
    assert "=3" not in str(report)
