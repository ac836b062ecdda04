"""Signs of danger raise a level only where the model leans that way too; facts raise alone."""

from __future__ import annotations

import numpy as np
import pytest

from triage.model.features import Document
from triage.request import CitizenRequest
from triage.steps.draft import Draft
from triage.steps.rule_terms import FoldedText
from triage.steps.rules import rule_book, sign_book
from triage.steps.safety import SafetyResult, raise_signs, raise_urgency
from triage.steps.urgency import SIGN_CONFIDENCE, UrgencyStep

HAZARD = "立交桥下头那个限高架歪起的，今天大车一挂要倒不倒，下面车子排起队，快派人来"
SIGNS = [
    HAZARD,
    "有个老婆婆泡在水里，喊不应也不动，好多人看到，快点来人救",
    "她把存折密码都写给我了，说以后不麻烦大家了，我联系不上她",
    "他放话说今晚要带人来收拾我全家，我不敢回去",
    "我们几个寨子从前天黑起到现在，基站也没电，老人冷得遭不住",
    "娃儿手臂上全是烟头烫的疤，同寝室的打的，今晚还住在里头",
    "楼上婆婆三天没见出门，敲门也没人应，屋头灯亮起的",
    "自来水有股油味，几个人喝了肚子痛，水厂还在送水",
    "赶场的渡船挤了三十几个人，救生衣都没得，下午还要跑两趟",
]


def signs(text: str, chance: float, title: str = "") -> SafetyResult:
    whole = f"{title}。{text}" if title else text
    return raise_signs(FoldedText(whole), text, {0: 0.0, 1: chance}, offset=len(whole) - len(text))


@pytest.mark.parametrize("text", SIGNS)
def test_a_sign_raises_to_one_where_the_model_leans_that_way(text: str) -> None:
    result = signs(text, 0.2)
    assert result.level == 1
    assert result.reasons
    assert all(text[item.start : item.end] == item.text for item in result.evidence)


@pytest.mark.parametrize("text", SIGNS)
def test_a_sign_says_nothing_where_the_model_sees_no_danger(text: str) -> None:
    assert signs(text, 0.01) == SafetyResult()


def test_a_sign_says_nothing_without_a_model() -> None:
    assert raise_signs(FoldedText(HAZARD), HAZARD, {}) == SafetyResult()


def test_the_least_chance_of_a_sign_is_inclusive() -> None:
    least = next(rule.confirm for rule in sign_book().rules if rule.id == "sign-hazard")
    assert least == 0.1
    assert (
        "设施、房屋、山体或水电气的险情迹象与模型判断一致，请按特急核实"
        in signs(HAZARD, 0.1).reasons
    )
    assert signs(HAZARD, 0.0999).level is None


@pytest.mark.parametrize(
    "text",
    [
        "建议给滨江步道换一批新护栏",
        "请问老旧电梯改造补贴标准是多少",
        "感谢医生把我晕倒的婆婆救过来，现在出院了",
        "我的狗走丢了，想在小区贴告示",
        "建议规范养犬，遛狗要牵绳",
    ],
)
def test_calm_requests_show_no_sign_however_the_model_leans(text: str) -> None:
    assert signs(text, 0.3) == SafetyResult()


def test_a_sign_may_begin_in_the_title_and_its_evidence_counts_from_the_text() -> None:
    text = "今天大车一挂要倒不倒，下面车子排起队，快派人来，没得人拦"
    result = signs(text, 0.3, title="限高架歪了")
    assert result.level == 1
    assert all(text[item.start : item.end] == item.text for item in result.evidence)


def level_of(row: list[float]) -> tuple[int | None, float, int]:
    """Return level, confidence to two digits and the number of spans that the step gives."""
    draft = Draft(
        CitizenRequest("a", HAZARD),
        Document("", HAZARD),
        None,  # type: ignore[arg-type]
        {"urgency": np.array(row, np.float32)},
    )
    UrgencyStep(["0", "1", "2", "3", "4"], [0.4, 0.35, 0.3])(draft)
    return draft.urgency.level, round(draft.urgency.confidence, 2), len(draft.evidence)


def test_the_step_takes_a_confirmed_sign_and_says_how_sure_it_is() -> None:
    level, confidence, spans = level_of([0.0, 0.2, 0.0, 0.7, 0.1])
    assert (level, confidence) == (1, SIGN_CONFIDENCE)
    assert spans >= 5


def test_the_step_leaves_an_unconfirmed_sign_alone() -> None:
    assert level_of([0.0, 0.05, 0.0, 0.85, 0.1]) == (3, 0.85, 0)


def test_a_level_that_the_model_gives_needs_no_sign() -> None:
    assert level_of([0.0, 0.6, 0.0, 0.3, 0.1]) == (1, 0.6, 0)


def test_signs_and_facts_are_apart() -> None:
    assert all(rule.confirm is None for rule in rule_book().rules)
    assert all(rule.confirm is not None and rule.urgency == 1 for rule in sign_book().rules)
    assert rule_book().version == sign_book().version


@pytest.mark.parametrize(
    "text",
    [
        "巷子口圆铁板遭哪个撬走了，黑洞洞的，马上放学",
        "树林边一根粗线垂到人脸高，风一吹噼啪打火",
        "我挖地挖到一个锈了的手榴弹，娃儿些围起在看",
        "挖机把一根黄颜色的管子压瘪了，旁边就是单元门，还在挖",
        "水库溢洪道遭堵死了，雨还在下，坝下就是村子，快派人来",
        "我爸靠呼西机出气的，一停电电池只顶得到个把钟头",
        "对门孤人老大爷，打了三天电话没得人接，你们喊社区去敲哈门",
        "一群野狗今早在学校后门撵学生，裤脚都撕烂了",
    ],
)
def test_a_spoken_fact_of_level_one_needs_no_model(text: str) -> None:
    assert raise_urgency(text).level == 1


@pytest.mark.parametrize(
    "text",
    [
        "去年井盖不见了，后来修好了，谢谢",
        "小区飞线充电不美观，建议统一入地",
        "电影里捡到地雷那段拍得好假",
        "燃气管初装费收得贵，想问标准",
        "水库承包养鱼，水质发臭",
        "家用制氧机的电费补贴怎么申请",
        "社区三天没人接电话，独居老人补贴啷个办",
        "菜价涨得像抢钱一样，现在一把葱八块钱",
        "等死个人了，我等公交等了半个小时",
        "屋头臭得人都要晕了，垃圾没得人收",
        "楼栋群里两百多户都炸了，说学区划分不公",
    ],
)
def test_look_alikes_raise_nothing_critical(text: str) -> None:
    level = raise_urgency(text).level
    assert level is None or level > 1
