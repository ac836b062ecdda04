"""The acceptance gate: what it decides, and what it never does by itself."""

from __future__ import annotations

import pytest

from triage.steps.acceptance import decide
from triage.steps.rules import rule_book


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三楼厨房着火了，火苗窜到窗外，楼上还有个婆婆没下来", "119"),
        ("屋头煤气味大得很，我头都晕了，灯都不敢开", "119"),
        ("电梯卡在十楼，里面关了五个人，有个孕妇喘不过气，按铃没得人接", "119"),
        ("有个娃儿掉到水库里头了，在扑腾，我不会水，快来人", "119"),
        ("楼下有人提着砍刀追人，已经砍倒一个，快派警察", "110"),
        ("两个货车追尾了，司机卡在驾驶室出不来，满脸是血", "122"),
        ("我老汉突然倒在地上，口吐白沫，喊不答应，快喊救护车", "120"),
        ("有人跳江", "110"),
        ("桥下面有个人要跳 腿都伸出去了", "110"),
        ("有个娃儿掉到化粪池头去了", "119"),
        ("化工厂那边爆了 轰的一声 黑烟冲天", "119"),
        ("我被传销关起了 手机马上要被收", "110"),
        ("好像是天然气 整栋楼都闻得到", "119"),
        ("坡上在垮石头 已经砸到一家人的房子", "119"),
        ("我妈八十二岁老年痴呆走丢了", "110"),
        ("我老公又打我 我现在躲在厕所头", "110"),
        ("独居老人三天没看到人屋头有臭味", "110"),
        ("有人电倒了 躺在地上不动", "120"),
    ],
)
def test_life_in_danger_now_is_handed_over_at_once(text: str, number: str) -> None:
    acceptance = decide(text).acceptance
    assert acceptance.decision == "EMERGENCY_HANDOFF"
    assert acceptance.transfer_to == number
    assert not acceptance.needs_confirmation
    assert acceptance.reasons


@pytest.mark.parametrize(
    "text",
    [
        "去年这栋楼着火，外墙到现在没人修",
        "楼道堆满纸箱，万一着火了跑都跑不脱，请社区清理",
        "小区消防演练喇叭太吵",
        "上周被邻居打伤，派出所还没给结果",
        "昨天出了车祸，保险公司不赔",
        "等了一下午没人理我，急死我了",
        "商场天天放跳楼价大甩卖的喇叭，吵得很",
        "火锅店油烟熏得我家娃儿咳嗽",
        "下水道堵了 厕所水漫出来了",
        "燃气灶打不着火 喊人来看一下",
        "业主群炸了 都在骂物业",
        "采石场放炮炸石头 轰的一声 房子都震得抖",
        "高血压药断货了 跑了几个药店都没得",
        "猫儿困在空调外机上 下不来 快来人救",
        "钥匙忘带了 门反锁了进不去屋 屋头没得人",
        "喝了半瓶酸奶发现过期",
        "我家狗走丢了 帮我找一哈",
    ],
)
def test_past_hypothetical_and_figurative_words_hand_nothing_over(text: str) -> None:
    result = decide(text)
    assert result.acceptance.decision == "ACCEPT"
    assert result.risk_flags == ()


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("一审判我败诉，我觉得判得不公，要求你们给我改判", "LITIGATION"),
        ("申请强制执行一年多了，执行法官电话都不接，催一下法院", "LITIGATION"),
        ("劳动仲裁裁决我不服，仲裁员偏向公司，要求重新裁", "ARBITRATION"),
        ("城管给我的行政处罚决定书我不服，要申请行政复议", "RECONSIDERATION"),
        ("我的信访事项答复意见书不服，要求区里复查复核", "PETITION"),
        ("实名举报我们村支书贪污低保款，请纪委来查", "DISCIPLINE"),
    ],
)
def test_a_ruling_that_is_the_demand_has_a_route_and_waits_for_a_person(
    text: str, route: str
) -> None:
    acceptance = decide(text).acceptance
    assert (acceptance.decision, acceptance.route) == ("STATUTORY_ROUTE", route)
    assert acceptance.needs_confirmation


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("帮我点份酸辣粉送到解放碑", "OUT_OF_SCOPE"),
        ("这期双色球买哪几个号好，你们推荐一下", "OUT_OF_SCOPE"),
        ("你们这群龟儿子，妈卖批，都去死", "MALICIOUS"),
    ],
)
def test_every_refusal_is_only_a_suggestion(text: str, decision: str) -> None:
    acceptance = decide(text).acceptance
    assert acceptance.decision == decision
    assert acceptance.needs_confirmation
    assert acceptance.transfer_to is None


@pytest.mark.parametrize(
    "text",
    [
        "狗日的物业又停水，妈卖批三天了没人管",
        "龟儿子老板欠我们八个人的工钱，你们管不管",
        "法院判了老板还是不给工资，劳动监察能不能来管一下",
        "仲裁都裁了公司还是拖欠工资，我们要吃饭",
        "楼上漏水，社区和物业都喊我去法院起诉，你们政府就不管了吗",
        "法院门口的路灯坏了三盏",
        "帮我查一下公租房排到好多号了",
    ],
)
def test_a_real_matter_is_accepted_whatever_stands_around_it(text: str) -> None:
    assert decide(text).acceptance.decision == "ACCEPT"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("再不给我解决我就只有去跳江了", "SELF_HARM"),
        ("逼急了我就提刀去把那个经理砍了", "THREAT"),
        ("我们两百个业主说好了，明天早上九点去把桥头堵起", "GATHERING"),
    ],
)
def test_conditional_words_are_flagged_and_accepted_never_handed_over(text: str, flag: str) -> None:
    result = decide(text)
    assert result.acceptance.decision == "ACCEPT"
    assert result.risk_flags == (flag,)
    assert result.evidence


def test_an_announced_suicide_goes_to_the_police_and_is_flagged() -> None:
    result = decide("我现在站在楼顶上，马上要跳下去了，帮我跟我妈说声对不起")
    assert result.acceptance.transfer_to == "110"
    assert result.risk_flags == ("SELF_HARM",)


def test_a_risk_is_never_refused() -> None:
    result = decide("判决不公，要求改判，不然我就从法院楼上跳下去")
    assert result.acceptance.decision == "ACCEPT"
    assert "SELF_HARM" in result.risk_flags


def test_the_title_counts_and_evidence_is_of_the_text() -> None:
    text = "里面困了六个人，按铃没人接，有老人喘不过气了"
    result = decide(text, title="电梯困人")
    assert result.acceptance.transfer_to == "119"
    assert all(text[item.start : item.end] == item.text for item in result.evidence)
    assert {item.step for item in result.evidence} == {"acceptance"}


def test_the_rule_that_decided_is_named() -> None:
    result = decide("三楼厨房着火了，火苗窜到窗外，楼上还有个婆婆没下来")
    rules = {rule.id: rule for rule in rule_book().rules}
    assert result.rule is not None
    assert rules[result.rule].decision == "EMERGENCY_HANDOFF"
    assert decide("路灯坏了").rule is None


@pytest.mark.parametrize("text", ["", "。", "嗯", "12345", "hello", "\x00", "😀😀", "\ud800"])
def test_what_says_nothing_is_accepted(text: str) -> None:
    result = decide(text)
    assert result.acceptance.decision == "ACCEPT"
    assert result.evidence == ()


def test_traditional_and_full_width_characters_read_the_same() -> None:
    assert decide("廚房著火了，火苗竄到窗外，樓上還有個婆婆沒下來").acceptance.transfer_to == "119"
