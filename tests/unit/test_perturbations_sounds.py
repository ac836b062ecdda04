"""Characters by their sound: homophones for speech heard wrongly, neighbouring keys for typing."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from triage.errors import MissingExtraError

pytest.importorskip("pypinyin", reason="needs the extra measure")

from evaluation.perturbations.kinds import kinds
from evaluation.perturbations.sounds import accented, by_syllable, syllables
from evaluation.perturbations.speech import misheard
from evaluation.perturbations.typos import _neighbours, mistyped
from evaluation.truth import Example

TEXT = "我住渝北区龙溪街道，楼下烧烤店油烟很大，晚上两点还没有停，孩子没有办法睡觉。" * 5


def test_a_reading_is_that_of_the_context() -> None:
    assert (syllables("银行"), syllables("行走")) == (["yin", "hang"], ["xing", "zou"])


def test_what_has_no_sound_is_its_own() -> None:
    assert syllables("A1，好") == ["A", "1", "，", "hao"]


@pytest.mark.parametrize(
    ("syllable", "heard"),
    [("zhong", "zong"), ("shi", "si"), ("nan", "lan"), ("hua", "hua"), ("jing", "jin"),
     ("zheng", "zen"), ("lan", "lan"), ("ang", "ang"), ("hun", "hun"), ("hu", "fu")],
)  # fmt: skip
def test_an_accent_mixes_up_what_chongqing_does_not_keep_apart(syllable: str, heard: str) -> None:
    assert accented(syllable) == heard


def test_homophones_are_drawn_by_how_common_they_are() -> None:
    rng = np.random.default_rng(1)
    drawn = [by_syllable()["shi"].other_than("十", rng) for _ in range(2000)]
    assert "十" not in drawn
    # 是 is among the commonest characters of all, 柿 among the rarest
    assert drawn.count("是") > 20 * max(1, drawn.count("柿"))


def test_misheard_text_keeps_its_length_its_marks_and_its_sounds() -> None:
    heard = misheard(0.05)(TEXT, np.random.default_rng(1))
    changed = [i for i, (a, b) in enumerate(zip(TEXT, heard, strict=True)) if a != b]
    # 165 of the 190 characters are Chinese, nearly all of them with homophones: 5 % are 8 or 9
    assert len(changed) in (7, 8, 9)
    assert all(syllables(TEXT[i])[0] == syllables(heard[i])[0] for i in changed)
    assert heard.count("，") == TEXT.count("，")


def test_the_same_seed_gives_the_same_noise() -> None:
    example = Example("1", "油烟扰民", TEXT)
    noises = kinds()
    assert [n.apply([example], 1) for n in noises] == [n.apply([example], 1) for n in noises]
    assert noises[1].apply([example], 1) != noises[1].apply([example], 2)


def test_a_key_beside_the_right_one_gives_another_syllable_that_exists() -> None:
    near = _neighbours()["da"]
    assert "sa" in near  # s stands beside d
    assert "da" not in near


def test_typing_mistakes_are_few_and_never_empty_a_text() -> None:
    typed = mistyped(0.1)(TEXT, np.random.default_rng(1))
    assert typed != TEXT
    assert abs(len(typed) - len(TEXT)) < 10
    noise = next(n for n in kinds() if n.name == "typos_10%")
    assert all(e.text for e in noise.apply([Example(str(i), "", "水") for i in range(50)], 1))


def test_without_pypinyin_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    with pytest.raises(MissingExtraError, match=r"citizen-triage\[measure\]"):
        syllables("水")
