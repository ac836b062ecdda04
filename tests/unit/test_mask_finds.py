"""What is masked: look-alikes of real calls and letters, each with its places marked {TYPE:…}."""

from __future__ import annotations

import re

import pytest

from triage.text.mask import mask

MARKED = re.compile(r"\{([A-Z_]+):([^}]*)\}")

NUMBERS_AND_ACCOUNTS = (
    "电话{PHONE:幺八三 二三三四 零零五六}那个，哦不对，是{PHONE:幺八三二三三四零零六五}",
    "喂，我是住在大渡口跃进村的，我叫{NAME:谭兴全}",
    "麻烦转告{NAME:龚}师傅，他的手机{PHONE:+86 133-1020-4455}一直关机",
    "我老公的号 {PHONE:１５９２３１２００８８} 也可以打",
    "联系方式：{PHONE:0086 17723456789}",
    "{PHONE:一九九，八八七七，零零一二}，随时可以打我",
    "打{PHONE:一七三 零八三 六六一二五}嘛",
    "{PHONE:13594128800}和{PHONE:15023117788}都是我的",
    "电话{PHONE:189 8300 1122}转告一声",
    "记到哈，{PHONE:幺五幺两三四八八六七七}两次都打不通",
    "家里座机{LANDLINE:023-68901234}没人接",
    "打{LANDLINE:（023）4281 5566}转办公室",
    "物业办公电话{LANDLINE:02367123388}",
    "固话{LANDLINE:七二八幺三三四四}欠费停机",
    "传真{LANDLINE:010-62771234-806}收不到",
    "身份证{ID_CARD:500112199003074552}登记错了",
    "我的证件号是{ID_CARD:5 0 0 1 0 8 1 9 7 8 1 1 0 5 3 3 1 6}",
    "老人的旧身份证{ID_CARD:510202480915123}还能用不",
    "身份证{ID_CARD:五零零二三一一九六五零六零九四二幺叉}报给你",
    "卡号{BANK_CARD:6228 4800 1234 5678 913}被盗刷",
    "我把钱转到{BANK_CARD:4392250012345673}这张信用卡了",
    "工资卡{BANK_CARD:六二一七零零三七六零零一二三四五六七八}没到账",
    "发到{EMAIL:he.jiang_09@foxmail.com}就行",
    "邮箱是{EMAIL:八八六六二二一@qq点com}",
    "邮箱{EMAIL:ＬＩＮ@163.com}收不到回执",
    "微信号{WECHAT:xiaoyu-1988}加不上",
    "会员卡丢了，店家的号是{PHONE:15823004471}",
    "物流师傅{PHONE:13629771830}不接",
    "加我v：{WECHAT:tang886tang}",
    "威信{WECHAT:cqfix_2021}是那个修空调的",
    "Q Q {QQ:845120933}联系过",
    "扣扣号{QQ:二九零四四幺七}，头像是只猫",
    "挡路的车是{PLATE:渝B·8K21F}",
    "{PLATE:川X 3 6 0 9 2}停了半个月",
    "绿牌{PLATE:渝AF70215}占充电位",
    "车牌好像是{PLATE:渝d五六七八九}",
    "护照{PASSPORT:EB1234567}丢了",
    "她的护照号码是{PASSPORT:P12345678}",
    "市民{NAME:苟}先生称其车辆{PLATE:渝G5K088}在服务区被撞",
    "麻烦喊{NAME:游}经理给我回个话，{PHONE:一三六 四七二零 九九一三}",
    "嗯那个我的电话号码是{PHONE:幺七八，幺二三四，八八七零}，晚上打",
    "{PHONE:13368120077}（{NAME:庹}女士）",
    "老板叫{NAME:郎世勋}，电话{PHONE:15902371145}，欠我们九个人两个月工资",
    "我丈夫{NAME:汪海潮}在万盛矿上受伤，身份证{ID_CARD:510219197203164018}",
    "转账到{NAME:段勇}的卡{BANK_CARD:6217003760001234567}",
    "户名{NAME:岑美玲}，账号{BANK_CARD:6228480478123456770}",
    "微信{WECHAT:lao_jiang66}发了截图",
    "加她微信，号是{WECHAT:zyq19880506}",
    "企鹅号{QQ:1098873321}",
    "请发邮件到{EMAIL:cqzx-2020@outlook.com}，谢谢",
    "{EMAIL:13368120077@139.com}收通知",
    "黄牌货车{PLATE:渝D33K19}闯限行",
    "车牌{PLATE:贵C·88T01}，贵州的",
    "座机{LANDLINE:023 4286 7719}是社区的",
    "打{LANDLINE:零二三四八八五六六七七}没得人",
    "护照号{PASSPORT:EJ4567812}，出入境窗口说要本人来",
    "老公{NAME:袁一鸣}跑摩托的，号码{PHONE:15178834402}",
    "联系{NAME:石}先生，{PHONE:1 8 5 2 3 0 0 7 7 1 9}",
    "那个号码你记一哈，{PHONE:一八七二三四五零九八六}，莫记错",
    "我的手机{PHONE:155-2310-8874}，座机{LANDLINE:4273 5510}",
    "身份证号是{ID_CARD:500237200108121936}，要补办居住证",
    "孩子证件{ID_CARD:50011220151103227X}打不出来",
    "退到{BANK_CARD:6212 2631 0000 1234 560}这张卡里",
    "卡号是{BANK_CARD:6217856100012345678}",
    "车牌{PLATE:渝F·D8801}的面包车",
    "{PLATE:鄂Q2F735}倒垃圾",
    "车主{NAME:江海涛}，车号{PLATE:渝GF06621}",
    "微信加{WECHAT:hong_bao_mei}就晓得",
    "她微信号：{WECHAT:wxid_8k2j3h4g5f}",
    "他QQ是{QQ:770192345}",
    "邮箱{EMAIL:wang.xiaomei@cqu.edu.cn}",
    "护照{PASSPORT:EF8123409}和签证都过期了",
    "反映人：{NAME:倪大红} 联系电话：{PHONE:13983450012}",
)

NAMES_AND_ROOMS = (
    "住云篆山水{ROOM:7单元15-2}，楼上装修",
    "5幢{ROOM:2804}漏水到{ROOM:2704室}",
    "巴福镇新街21号{ROOM:6-1}的租户",
    "12号楼{ROOM:一单元三楼一号}",
    "帝景B座{ROOM:1903室}半夜打麻将",
    "2栋{ROOM:十六杠三}把消防门锁了",
    "房号是{ROOM:9-4}，交房两年没办证",
    "本人{NAME:蒲丽君}，系三期业主",
    "市民{NAME:令狐}女士来电，投诉健身房",
    "{NAME:税}先生反映车库渗水",
    "带班的姓{NAME:佘}，大家喊他{NAME:佘}工头",
    "包工头{NAME:牟}老板跑了",
    "约{NAME:左}老师面谈，{NAME:褚}经理酒后骂人",
    "她叫{NAME:晏诗涵}，读三年级",
    "当事人：{NAME:冉建平}、{NAME:谯玉梅}",
    "{NAME:古丽仙·阿不都}女士说护照没办下来",
    "被举报人是村里的会计{NAME:敖}会计",
    "我免贵姓{NAME:粟}，叫{NAME:粟德富}",
    "儿子{NAME:左思远}在两江中学读高一",
    "法人代表{NAME:覃光荣}失联",
    "{NAME:欧阳}老师布置的作业太多",
    "我是{NAME:李沁怡}的妈妈",
    "网名不说了，真实姓名{NAME:阎秋月}",
    "跟{NAME:钟}姐说一声，{NAME:钟}姐人好",
    "找{NAME:韦国强}经理，{NAME:韦国强}不在",
    "联系人{NAME:段 勇}",
    "喂你好，我姓{NAME:淳}，三点水那个淳，住在垫江新民镇",
    "我妈{NAME:代容芳}今年七十八，医保卡刷不起",
    "来电人{NAME:单晓琴}反映，孩子{NAME:单一诺}入学材料被退回",
    "楼下{ROOM:3-1}的{NAME:刁}嬢嬢天天泼水",
    "家住融汇半岛11栋{ROOM:27-6}",
    "碧桂园二期6幢{ROOM:1单元9楼}，电梯困人",
    "我是璧山来凤的，叫{NAME:况明全}，做泥水工的",
    "驾校教练姓{NAME:补}，收了3800元不安排考试",
    "{NAME:艾}医生开的药在药房买不到",
    "我叫{NAME:沙马阿依}，凉山过来打工的",
    "{NAME:司徒}老师，五班的",
    "班长{NAME:季雨桐}和{NAME:卓子轩}同学被罚站",
    "报警人{NAME:蹇国富}说楼上{ROOM:602}有人打架",
    "民警{NAME:戚}警官处理的",
    "请{NAME:尤}女士联系我",
    "我儿{NAME:谈家豪}，十四岁，离家两天了",
    "住户{NAME:房}大爷摔了",
    "中介{NAME:米}小姐收了押金不退",
    "房东{NAME:车建华}不退押金",
    "合伙人{NAME:全胜利}卷款跑了",
    "业委会主任{NAME:古兴明}不公示账目",
    "社区书记{NAME:雷}书记开会说了",
    "喂，12345吗，我姓{NAME:蓝}，住大足龙岗那边，我屋楼上{ROOM:701}漏水漏到我厨房",
    "报警回执上写的当事人是{NAME:滕志远}",
    "今年我妹{NAME:向春梅}生娃儿，生育津贴没到",
    "志愿者{NAME:宋可欣}同学受伤",
    "{NAME:樊}医生说要转院到重医",
    "家住弹子石正街77号{ROOM:16-5}",
    "小区7号楼{ROOM:2单元}门禁坏了三个月",
    "九栋{ROOM:二十三杠四}装修到半夜",
    "香港城B座{ROOM:2107}做民宿，天天有人敲错门",
    "我住{ROOM:1104}，隔壁{ROOM:1105}养鸡",
    "姓名：{NAME:何秀珍}，性别女，42岁",
    "法定代表人{NAME:白玉峰}拒不执行",
    "诉求人{NAME:晋}女士反映",
)


def unmarked(line: str) -> tuple[str, list[tuple[int, int, str]]]:
    text, places, last = "", [], 0
    for mark in MARKED.finditer(line):
        text += line[last : mark.start()]
        places.append((len(text), len(text) + len(mark[2]), mark[1]))
        text += mark[2]
        last = mark.end()
    return text + line[last:], places


@pytest.mark.parametrize("line", NUMBERS_AND_ACCOUNTS)
def test_numbers_and_accounts_are_found_as_people_write_and_say_them(line: str) -> None:
    text, places = unmarked(line)
    assert [(span.start, span.end, span.type) for span in mask(text).spans] == places


@pytest.mark.parametrize("line", NAMES_AND_ROOMS)
def test_names_and_rooms_are_found_without_cue_title_or_building(line: str) -> None:
    text, places = unmarked(line)
    assert [(span.start, span.end, span.type) for span in mask(text).spans] == places
