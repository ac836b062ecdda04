"""Safety rules: written facts raise the urgency, tone does not, and nothing lowers it."""

from __future__ import annotations

import pytest

from triage.steps.safety import SafetyResult, raise_urgency


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("三楼厨房着火了，火苗窜到窗外，楼上还有个婆婆没下来", 0),
        ("菜市场门口的窨井盖不见了，黑黢黢一个洞，好深", 1),
        ("滨江路中间今早塌出一个脸盆大的洞，手电照不到底，车还在过", 1),
        ("门口电线掉下来了 滋滋冒火花", 1),
        ("再不解决我把油泼到办事处点了", 1),
        ("我要砍死那个姓王的包工头", 1),
        ("我们村里头商量好了 后天把进厂的路堵起", 1),
        ("一根电线昨晚断了掉在路上，还在冒火花，学生路过", 1),
        ("楼顶广告牌昨晚被大风掀开，悬在人行道上方晃，今天还有风", 1),
        ("屋后堡坎今天往外鼓，石头掉下来五六个，我们都不敢睡", 1),
        ("这部电梯半个月掉层三次，昨天又关了人，还在用", 1),
        ("水管爆了，今早六个小区四千户全部停水，抢修车还没到", 1),
        ("昨天吃了满月酒，今天六十几个人拉肚子，都在卫生院打吊针", 1),
        ("娃儿在学校被高年级的打，身上青一块紫一块，今天又不敢上学", 1),
        ("我屋头从前天停水停到现在，八十几岁的老汉厕所都没水冲", 2),
        ("地漏冒粪水，客厅都漫起了，一家人今晚不晓得睡哪里", 2),
        ("老板跑了三个月工资没发，屋头没得米了", 2),
        ("老汉的胰岛素只剩今晚的量，药店都断货了", 2),
        ("报名系统今晚截止，照片一直传不上去", 2),
        ("挖机已经把院坝围起来强拆，协议都没签，老汉还在屋里", 2),
        ("工地凌晨两点还在浇混凝土，吵得睡不着，现在还在打", 2),
    ],
)
def test_a_fact_has_its_level(text: str, level: int) -> None:
    result = raise_urgency(text)
    assert result.level == level
    assert result.reasons
    assert all(text[item.start : item.end] == item.text for item in result.evidence)
    assert {item.step for item in result.evidence} == {"urgency"}


@pytest.mark.parametrize(
    "text",
    [
        "十万火急！！！紧急求助！请领导马上批示！我的退费申请还没到账！",
        "建议把老式井盖统一更换成防坠网",
        "请问下周计划停电的通知在哪里看",
        "咨询中考政策明年有没有变化",
        "小区电梯广告收入从来不公示",
        "公司工资低，建议提高最低工资标准",
    ],
)
def test_tone_questions_and_wishes_raise_nothing(text: str) -> None:
    assert raise_urgency(text) == SafetyResult()


def test_the_more_urgent_level_wins() -> None:
    result = SafetyResult(level=1)
    assert [result.raised(level) for level in range(5)] == [0, 1, 1, 1, 1]


def test_no_rule_leaves_the_level_as_it_was() -> None:
    assert [SafetyResult().raised(level) for level in range(5)] == [0, 1, 2, 3, 4]


def test_the_title_counts_too() -> None:
    assert raise_urgency("请尽快处理", title="菜市场窨井盖不见了").level == 1
