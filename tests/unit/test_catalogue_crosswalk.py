from __future__ import annotations

import csv
from pathlib import Path

import pytest

from triage.catalogue import Catalogue, Crosswalk
from triage.catalogue.apply import Applied, apply_crosswalk
from triage.errors import CatalogueError, UnusableFile

SHARED = Path(__file__).parents[3] / "shared"
TOPICS = Catalogue.load().topics


@pytest.fixture(scope="module")
def contest() -> Crosswalk:
    return Crosswalk.load("tipdm2020c", topics=TOPICS)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize(
    ("source", "target", "relation"),
    [
        (("城乡建设", "住房保障与房地产", "物业服务"), "ZF01", "exact"),
        (("城乡建设", "城市建设和市政管理", "自来水供应"), "GY01", "exact"),
        (("环境保护", "环境污染", "噪音污染"), "HJ01", "narrower"),
        (("劳动和社会保障", "劳动关系", "农民工权益"), "LD01", "narrower"),
        (("教育文体", "教育行政管理", "校外机构管理"), "JY03", "exact"),
        (("政法", "社会治安", "消防安全"), "GA08", "broader"),
        (("党务政务", "国防外交", "外交外事"), None, "none"),
    ],
)
def test_a_contest_label_becomes_our_topic(
    contest: Crosswalk, source: tuple[str, ...], target: str | None, relation: str
) -> None:
    entry = contest.find(source)

    assert entry is not None
    assert (entry.target, entry.relation) == (target, relation)


def test_one_name_under_two_parents_is_two_sources(contest: Crosswalk) -> None:
    land = contest.find(("国土资源", "土地征收", "安置补偿"))
    other = contest.find(("民政", "救灾募捐", "其他"))

    assert land is not None
    assert other is not None
    assert (land.target, other.target) == ("JS03", "YJ02")


def test_every_entry_is_judged(contest: Crosswalk) -> None:
    assert len(contest.entries) == 517
    assert contest.levels == ("l1", "l2", "l3")
    assert contest.relations() == {
        "broader": 234, "related": 198, "none": 56, "exact": 15, "narrower": 14
    }  # fmt: skip
    assert sum(contest.targets().values()) == 517 - 56


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
def test_the_crosswalk_covers_the_whole_contest_taxonomy(contest: Crosswalk) -> None:
    path = SHARED / "data/tipdm2020c/taxonomy517.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [tuple(row.values()) for row in csv.DictReader(stream)]

    assert set(rows) == set(contest.entries)


def test_known_rows_are_mapped_and_unknown_rows_rejected(
    contest: Crosswalk, tmp_path: Path
) -> None:
    source = write(
        tmp_path / "in.csv",
        "id,l1,l2,l3\n"
        "1,城乡建设,工程质量, 施工安全 \n"
        "2,城乡建设,工程质量,不存在\n"
        "\n"
        "3,城乡建设,工程质量\n"
        "4,政法,其他,其他\n",
    )
    output = tmp_path / "out.csv"

    result = apply_crosswalk(contest, TOPICS, source=source, output=output)

    rejects = tmp_path / "out.rejects.csv"
    assert result == Applied(mapped=2, none=1, rejected=2, rejects=rejects)
    assert table(output) == [
        ["id", "l1", "l2", "l3", "target", "target_name", "relation", "note"],
        ["1", "城乡建设", "工程质量", " 施工安全 ", "JS02", "工程质量与建筑市场", "related",
         "生产安全事故归 YJ01"],
        ["4", "政法", "其他", "其他", "", "", "none", "跨多个主题，须人工判断"],
    ]  # fmt: skip
    assert table(rejects) == [
        ["row", "reason", "id", "l1", "l2", "l3"],
        ["3", "对照表 tipdm2020c 没有这个来源", "2", "城乡建设", "工程质量", "不存在"],
        ["5", "有 3 格，表头有 4 列", "3", "城乡建设", "工程质量"],
    ]


def test_a_clean_run_removes_the_rejects_of_an_earlier_one(
    contest: Crosswalk, tmp_path: Path
) -> None:
    source = write(tmp_path / "in.csv", "l1,l2,l3\n政法,诉讼,民事诉讼\n")
    write(tmp_path / "out.rejects.csv", "old")

    result = apply_crosswalk(contest, TOPICS, source=source, output=tmp_path / "out.csv")

    assert result.rejects is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("source_l1,source_l2,source_l3", None),
        ("一级标签,二级标签,三级标签", None),
        ("大类,中类,小类", ["大类", "中类", "小类"]),
    ],
)
def test_the_columns_of_labels_are_found_or_told(
    contest: Crosswalk, tmp_path: Path, header: str, columns: list[str] | None
) -> None:
    source = write(tmp_path / "in.csv", f"{header}\n政法,诉讼,民事诉讼\n", "gb18030")

    result = apply_crosswalk(
        contest, TOPICS, source=source, output=tmp_path / "out.csv", columns=columns
    )

    assert (result.mapped, result.rejected) == (1, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "缺少来源列"),
        (b"a,b\n1,2\n", "缺少来源列"),
        (b'l1,l2,l3\n"open,b,c\n', "CSV"),
        (b"l1,l2,l3\n\xff\xff\xff\n", "GB18030"),
        (b"l1,l2,l3\n" + b"x" * 200_000, "CSV"),
    ],
)
def test_a_bad_input_is_refused_and_nothing_is_written(
    contest: Crosswalk, tmp_path: Path, content: bytes, words: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)

    with pytest.raises(UnusableFile, match=words):
        apply_crosswalk(contest, TOPICS, source=source, output=tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_the_input_is_never_overwritten(contest: Crosswalk, tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", "l1,l2,l3\n")

    with pytest.raises(UnusableFile, match="覆盖"):
        apply_crosswalk(contest, TOPICS, source=source, output=source)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("甲,ZF01,exact,\n甲,ZF02,exact,\n", "与第 2 行的来源重复"),
        ("甲,ZF01,same,\n", "只能是"),
        ("甲,,exact,\n", "关系为 none 时须为空"),
        ("甲,ZF01,none,\n", "关系为 none 时须为空"),
        ("甲,XX01,exact,\n", "没有这个代码"),
        ("", "没有数据行"),
    ],
)
def test_an_unsound_crosswalk_is_refused_by_row(tmp_path: Path, rows: str, words: str) -> None:
    path = write(tmp_path / "mine.csv", f"source_label,target,relation,note\n{rows}")

    with pytest.raises(CatalogueError, match=words):
        Crosswalk.load(str(path), topics=TOPICS)


def test_a_crosswalk_of_ones_own_may_have_one_level(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", "source_label,target,relation,note\n物业,ZF01,exact,\n")

    crosswalk = Crosswalk.load(str(path), topics=TOPICS)

    assert (crosswalk.name, crosswalk.levels) == ("mine", ("label",))
    assert crosswalk.find(["物业"]) is not None
    assert crosswalk.find(["业委会"]) is None


def test_an_unknown_crosswalk_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnusableFile, match="tipdm2020c"):
        Crosswalk.load("nope", topics=TOPICS)
