from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from triage.catalogue.folder import shipped_folder
from triage.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["catalogue", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_folder(), tmp_path / "city"))


def test_checking_the_shipped_lists_ends_clean(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "check")

    assert (code, err) == (0, "")
    assert out.startswith("通过：chongqing-2026.1+")


def test_checking_a_spoiled_folder_prints_file_row_and_field(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    path = folder / "topics.csv"
    path.write_text(path.read_text("utf-8").replace(",HOUSING,", ",HOUSNG,", 1), "utf-8")

    code, out, err = run(capsys, "check", "--catalogue", str(folder))

    assert code == 2
    assert out == "topics.csv:2 lead “HOUSNG” units.csv 没有这个代码\n"
    assert err == "不通过：1 处问题\n"


def test_problems_come_as_json_on_request(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = run(capsys, "check", "--json", "--catalogue", str(tmp_path / "none"))

    document = json.loads(out)
    assert code == 2
    assert document["ok"] is False
    assert document["problems"][0]["message"] == "没有这个文件夹"


def test_an_unsound_folder_is_refused_by_every_action(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = run(capsys, "show", "--catalogue", str(tmp_path / "none"))

    assert (code, out) == (2, "")
    assert "catalogue_invalid" in err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("统景镇", "--as-of", "2025-11-05"), "2025-11-05 统景镇（500112133） → 渝北区（500112）"),
        (("统景镇", "--as-of", "2025-11-06"), "2025-11-06 统景镇（500112133） → 北碚区（500109）"),
        (
            ("统景镇", "--as-of", "2026-01-01", "--known-on", "2025-11-05"),
            "2026-01-01 统景镇（500112133） → 渝北区（500112）",
        ),
        (("江北区", "--as-of", "2026-01-01"), "2026-01-01 江北区 → 两江新区（CQ-LJXQ）"),
        (
            ("兴隆镇", "--as-of", "2026-01-01", "--district", "渝北区"),
            "2026-01-01 兴隆镇（500112138） → 北碚区（500109）",
        ),
        (
            ("江北", "--as-of", "2025-01-01"),
            "2025-01-01 江北 → 江北区（500105）\n"
            "2025-01-01 江北街道（500102009） → 涪陵区（500102）",
        ),
    ],
)
def test_where_answers_for_a_day(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], expected: str
) -> None:
    code, out, _ = run(capsys, "where", *words)

    assert (code, out) == (0, f"{expected}\n")


def test_where_lists_all_townships_of_one_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "where", "兴隆镇", "--as-of", "2026-01-01", "--json")

    assert code == 0
    assert [item["region"]["name"] for item in json.loads(out)] == [
        "北碚区", "南川区", "奉节县", "酉阳土家族苗族自治县"
    ]  # fmt: skip


def test_an_unknown_place_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "where", "不存在镇", "--as-of", "2026-01-01")

    assert (code, out) == (2, "")
    assert "没有叫“不存在镇”的镇街或区县" in err


def test_a_wrong_day_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(capsys, "where", "统景镇", "--as-of", "2026-13-01")

    assert stopped.value.code == 2
    assert "不是日期" in capsys.readouterr().err


def test_show_lists_what_is_in_force_on_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    _, before, _ = run(capsys, "show", "regions", "--as-of", "2025-11-05", "--json")
    _, after, _ = run(capsys, "show", "regions", "--as-of", "2025-11-06", "--json")

    names = [{row["name"] for row in json.loads(text) if row["kind"] != "zone"}
             for text in (before, after)]  # fmt: skip
    assert names[0] - names[1] == {"江北区", "渝北区"}
    assert names[1] - names[0] == {"两江新区"}


def test_show_without_a_list_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "show", "--as-of", "2026-01-01")

    assert code == 0
    assert "topics\t127" in out
    assert "townships\t1031" in out
    _, document, _ = run(capsys, "show", "--json")
    assert json.loads(document)["counts"]["units"] == 45


def test_show_prints_a_table_with_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "show", "topics", "--as-of", "2026-01-01")

    lines = out.splitlines()
    assert len(lines) == 128
    assert lines[0].split("\t")[:3] == ["code", "l1", "l2"]


def test_crosswalk_maps_and_says_what_it_could_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = tmp_path / "labels.csv"
    source.write_text("l1,l2,l3\n政法,诉讼,民事诉讼\n甲,乙,丙\n", "utf-8")
    words = ("crosswalk", "--map", "tipdm2020c", "--input", str(source))

    code, out, _ = run(capsys, *words)

    assert code == 1
    assert "退出 1 行" in out
    assert (tmp_path / "labels.mapped.csv").is_file()
    assert (tmp_path / "labels.mapped.rejects.csv").is_file()
    code, out, _ = run(capsys, *words, "--json", "--output", str(tmp_path / "o.csv"))
    assert (code, json.loads(out)["rejected"]) == (1, 1)


def test_crosswalk_without_input_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "crosswalk", "--map", "tipdm2020c")

    assert code == 0
    assert out.startswith("tipdm2020c：517 行，来源列 l1、l2、l3\n")
    _, document, _ = run(capsys, "crosswalk", "--map", "tipdm2020c", "--json")
    assert json.loads(document)["relations"]["exact"] == 15


def test_an_unwritable_output_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = tmp_path / "labels.csv"
    source.write_text("l1,l2,l3\n政法,诉讼,民事诉讼\n", "utf-8")
    target = str(source / "below" / "o.csv")

    code, _, err = run(
        capsys, "crosswalk", "--map", "tipdm2020c", "--input", str(source), "--output", target
    )

    assert code == 2
    assert "无法写入" in err


def test_crosswalk_of_a_missing_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "crosswalk", "--map", "tipdm2020c", "--input", "/nope.csv")

    assert code == 2
    assert "没有文件 /nope.csv" in err
