"""Say where: a chain of place names, joined left to right into the fullest phrase.

Names and site words come as hits; roads, communities and named sites are read from their last
syllables with a short look to the left; what hangs on a name (这边, 某小区3栋, 28号门口) is taken
along. A place without any name in it (楼下, 坡脚) is none. Nothing is geocoded here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.text.element_words import PlaceHit, rows, short_forms

_KINDS = {
    "city": "city",
    "district": "district",
    "district_short": "district",
    "zone": "district",
    "township": "township",
    "township_short": "township",
}
_TAILS = {"here", "site"}
_NAMES = {"city", "district", "township", "road", "estate"}
_STOP = (
    r"的了我你他她它们是有在被把称反映说要想问请和与及从到往给让喊叫找去来买卖收坐送修拆跑停查就都也还又才不没未因为由于对经"
    r"已正将并且或者名户号年月日天时分个、，。；：！？,.;:!?“”\"（）()\s"
)
_DET = (
    r"(?:某|一(?:家|处|个|条|栋|座|段|片|排|所|间|户|层)?|[这那几两](?:个|条|家|栋|座|处|所|截|几条)?|"
    r"新|老|旧|唯一)"
)
_BETWEEN = re.compile(rf"(?:的|嘛)?{_DET}*[^{_STOP}]{{0,7}}")
_BETWEEN_MOST = 9
_GAP = re.compile(r"(?:的|嘛|哈|啊|这个|那个|我们|区域|市|、|到|至|往|去|\s)*")
_GAP_MOST = 4
_NUMBER = re.compile(
    r"(?:第?[0-9一二三四五六七八九十]+(?:号|栋|幢|单元|楼|层|期|组|社)(?![线晚早上下开前后]))+"
)
_LOCAL = re.compile(
    r"(?:嘛|的)?(?:[这那](?:边|里|块|个)|场镇|场上|街上|镇上|老街|正街|的[,，。\s])"
)
_NAME = re.compile(rf"[^{_STOP}这那某一两几条座处家本该全各每旁边面口内前后]{{1,5}}$")
_NAME_MOST = 5
_BOUNDARY = re.compile(r"[，。；：、,;:！？!?\s“（在到住是们去从由对往]$|^$")
_LEAD = re.compile(
    r"(?:我们|我|你们|家住|住在|住|位于|在|市民|来电人|诉求人|关于|咨询|建议|希望|今|昨|近|由|自|经|改造|现|原)+"
)
_GENERIC = re.compile(
    r"(?:马|公|道|铁|线|走|修|村|高速|思|绕|半|上|问|主|小|老|平|断头|同|网|套|出|让|机耕|产业|入户|水泥|通组|带|开|认|"
    r"顺|迷|封|堵|十字|盲|沿|支|市政|城市|规划|乡村|儿|二手|建|物业|医|中医|外头|中心|农|乡|学|县|区|镇|人民|宠物|公立|"
    r"私立|民营|文化|体育|城乡|本|老旧|隔壁|周边|沿街|安置|上游|下游|楼栋|破|外地|加班下|多个|过|养|这条|那条|一条)$"
)
_NOT_AFTER = {
    "road_suffix": re.compile(r"[灯面由过障况权费基政人子线边牌段]"),
    "community_suffix": re.compile(r"[民里委干支医主会务]"),
    "estate_suffix": re.compile(r"[费]"),
}


def place_words(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return word → kind: the catalogue's names, landmarks, and the words of the place grammar.

    Short forms that are common words (文化, 平安) are read as names only beside a name.
    """
    own = {row["name"]: row["kind"] for row in rows("places.csv")}
    words: dict[str, str] = {}
    for kind, name in short_forms(names):
        if len(name) > 1 and words.get(name) != "district" and kind in _KINDS:
            words[name] = _KINDS[kind]
    for name, kind in own.items():
        known = words.get(name)
        weaker = kind in {"ambiguous", "word"} and known == "township"
        if known is None or weaker or kind not in {"ambiguous", "word", "estate", "road"}:
            words[name] = kind
    return words


def find_places(text: str, hits: list[PlaceHit]) -> tuple[list[tuple[int, int]], list[PlaceHit]]:
    """Return the spans that say where, and their named parts as (start, end, kind).

    Kinds: district, township, community, road, estate. Both lists are in text order.
    """
    reader = _Reader(text)
    for start, end, kind in hits:
        if kind not in _TAILS or start - reader.end <= _BETWEEN_MOST:
            reader.read(start, end, kind)
    return reader.finish()


class _Reader:
    """Reads hits from left to right; `start`, `end` are those of the chain that is open."""

    __slots__ = ("chains", "city", "end", "parts", "start", "sure", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.chains: list[tuple[int, int, bool, list[PlaceHit]]] = []
        self.parts: list[PlaceHit] = []
        self.city: PlaceHit | None = None
        self.start = self.end = -_BETWEEN_MOST - 1
        self.sure = False

    def read(self, start: int, end: int, kind: str) -> None:
        """Take the next hit."""
        if kind == "here":
            self._here(start, end)
        elif kind == "site":
            self._site(start, end)
        elif kind in _NAMES:
            self._name(start, end, kind, sure=True)
        elif kind == "ambiguous":
            if self._follows(start) or _LOCAL.match(self.text, end):
                self._name(start, end, "township", sure=True)
        elif kind == "word":
            if self.end == start and self.parts[-1:] and self.parts[-1][2] == "district":
                self._name(start, end, "township", sure=True)
        else:
            self._suffix(start, end, kind)

    def finish(self) -> tuple[list[tuple[int, int]], list[PlaceHit]]:
        """Close the last chain; what was only guessed from suffixes yields to what is named."""
        self._close()
        sure = any(chain[2] for chain in self.chains)
        kept = [
            chain
            for chain in self.chains
            if chain[2] or not sure or any(part[2] == "road" for part in chain[3])
        ]
        if not kept and self.city is not None:
            return [self.city[:2]], []
        return [chain[:2] for chain in kept], [part for chain in kept for part in chain[3]]

    def _follows(self, start: int) -> bool:
        gap = start - self.end
        return gap <= 0 or (
            gap <= _GAP_MOST and _GAP.fullmatch(self.text, self.end, start) is not None
        )

    def _hangs_on(self, start: int) -> bool:
        gap = start - self.end
        return gap <= _BETWEEN_MOST and (
            gap <= 0 or _BETWEEN.fullmatch(self.text, self.end, start) is not None
        )

    def _extend(self, end: int) -> None:
        self.end = max(self.end, end)
        number = _NUMBER.match(self.text, self.end)
        if number:
            self.end = number.end()

    def _here(self, start: int, end: int) -> None:
        gap = start - self.end
        if gap <= 0 or (gap == 1 and self.text[self.end] in "的嘛"):
            self._extend(end)

    def _site(self, start: int, end: int) -> None:
        if self._hangs_on(start):
            self._extend(end)

    def _name(self, start: int, end: int, kind: str, *, sure: bool) -> None:
        if kind == "city":
            self.city = self.city or (start, end, kind)
        if not (self.parts and (self._follows(start) or (not sure and self._hangs_on(start)))):
            self._close()
            self.start, self.end = start, end
        self.sure = self.sure or (sure and kind != "city")
        self.parts.append((start, end, kind))
        self._extend(end)

    def _close(self) -> None:
        named = [part for part in self.parts if part[2] != "city"]
        if named:
            self.chains.append((self.start, self.end, self.sure, named))
        self.parts = []
        self.sure = False

    def _suffix(self, start: int, end: int, kind: str) -> None:
        if _NOT_AFTER[kind].match(self.text, end):
            return
        if kind == "estate_suffix" and self.parts and self.parts[-1][1] == start:
            self._site_of_name(end)
            return
        begin = self._name_start(start, least=1 if kind == "road_suffix" else 2)
        if begin < 0:
            self._site(start, end)
        elif (self.parts and self._hangs_on(begin)) or self._is_boundary(begin):
            self._name(begin, end, kind.removesuffix("_suffix"), sure=False)

    def _is_boundary(self, position: int) -> bool:
        return _BOUNDARY.search(self.text, max(0, position - 1), position) is not None

    def _site_of_name(self, end: int) -> None:
        """Read 大坪医院 as one name, not as a township and a hospital; 鸡鸣乡卫生院 as both."""
        start, stop, kind = self.parts[-1]
        if kind == "township" and self.text[stop - 1] not in "道镇乡":
            self.parts.pop()
        self._name(start, end, "estate", sure=True)

    def _name_start(self, end: int, *, least: int) -> int:
        """Return where the name before a suffix starts, or -1 if there is none."""
        floor = max(self.end, end - _NAME_MOST, 0)
        name = _NAME.search(self.text, floor, end)
        if name is None or _GENERIC.search(self.text, max(0, end - 4), end):
            return -1
        lead = _LEAD.match(self.text, name.start(), end)
        begin = lead.end() if lead else name.start()
        return begin if end - begin >= least else -1
