"""What an encoder is trained on holds nothing that is measured, nor what is nearly the same."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from training.encoder.shared_texts import unlike

MEASURED = ("育才路路灯坏了", "育才路从小学到桥头的路灯坏了一个星期，晚上很黑，请派人来修")
NEAR = ("育才路的路灯坏了", "育才路从小学到桥头的路灯坏了一个星期，晚上很黑，请派人修一下")
OTHER = ("金竹苑停水", "金竹苑三栋从昨天下午开始停水，物业说不知道什么时候来水")


def test_a_message_near_a_measured_one_is_left_out() -> None:
    assert unlike([NEAR, OTHER, MEASURED], [MEASURED]) == [OTHER]


def test_a_title_stands_once() -> None:
    again = (OTHER[0], "金竹苑五栋也停水了，老人提水上楼很不方便")
    assert unlike([OTHER, again], [MEASURED]) == [again]
