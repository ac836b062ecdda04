from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from serving.batch import answer_batch
from serving.debug import DebugLists, DebugPipeline
from serving.problems import Problem
from triage.errors import InvalidRequest
from triage.request import CitizenRequest, Prediction, Versions

VERSIONS = Versions("m", "c", "r")


class Fragile(DebugPipeline):
    """Breaks on one text, refuses another."""

    def triage(self, requests: Sequence[CitizenRequest]) -> list[Prediction]:
        for request in requests:
            if request.text == "坏":
                raise RuntimeError("quotes the text")
            if request.text == "拒":
                raise InvalidRequest("unknown_code", "区县不认识")
        return super().triage(requests)


def answered(*items: object, with_text: bool = False) -> list[Any]:
    body = orjson.dumps({"requests": items})
    engine = Fragile(VERSIONS, DebugLists())
    answer = answer_batch(body, engine, with_text=with_text, at_most=256)
    results: list[Any] = orjson.loads(answer)["results"]
    return results


def refused(document: object) -> Problem:
    engine = DebugPipeline(VERSIONS, DebugLists())
    with pytest.raises(Problem) as caught:
        answer_batch(orjson.dumps(document), engine, with_text=False, at_most=2)
    return caught.value


def test_results_come_in_order_with_errors_in_their_place() -> None:
    first, second, third = answered(
        {"id": "a", "text": "噪声"}, {"id": "b"}, {"id": 3, "text": "油烟"}
    )
    assert first["id"] == "a"
    assert second == {
        "id": "b",
        "line": 2,
        "error": {"code": "field_missing", "message": "缺少必填字段 text；请补上它"},
    }
    assert third["id"] == "3"


def test_more_than_a_portion_keeps_its_order() -> None:
    ids = [str(number) for number in range(100)]
    assert [result["id"] for result in answered(*({"id": i, "text": "噪声"} for i in ids))] == ids


@pytest.mark.parametrize("item", [None, 1, "x", [], {}, {"id": None}, {"id": {}}, {"id": "  "}])
def test_an_item_without_a_sound_id_has_none(item: object) -> None:
    [result] = answered(item)
    assert (result["id"], result["line"]) == (None, 1)


def test_only_the_culprit_suffers_when_the_engine_breaks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    good, bad, refused_one = answered(
        {"id": "a", "text": "噪声"}, {"id": "b", "text": "坏"}, {"id": "c", "text": "拒"}
    )
    assert good["topics"]
    assert bad["error"]["code"] == "internal_error"
    assert refused_one["error"] == {"code": "unknown_code", "message": "区县不认识"}
    assert "quotes the text" not in caplog.text


def test_masked_text_comes_only_when_asked_for() -> None:
    item = {"id": "a", "text": "噪声"}
    assert "text" not in answered(item)[0]
    assert answered(item, with_text=True)[0]["text"] == "噪声"


def test_an_empty_batch_has_no_results() -> None:
    assert answered() == []


@pytest.mark.parametrize("document", [[], None, {}, {"requests": {}}, {"requests": "x"}])
def test_another_shape_is_refused(document: object) -> None:
    assert refused(document).code == "batch_invalid"


def test_more_than_the_limit_is_refused() -> None:
    assert refused({"requests": [{}, {}, {}]}).code == "batch_too_long"
