"""Counts of files: Chinese days and hours, codes, boundaries, late arrivals, merges both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from triage.catalogue import Catalogue
from triage.errors import InvalidRequest, UnusableFile
from triage.trends import Counts, CountsFolder, build_from_files
from triage.trends.building import Built
from triage.trends.codes import Codes
from triage.trends.folder import CountsBusy

CATALOGUE = Catalogue.load()
NOW = datetime(2025, 12, 1, tzinfo=UTC)
HEAD = "id,received_at,topic,district,township,channel,merged_into\n"


def written(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    return path


def built(root: Path, *paths: Path) -> tuple[Built, Counts, Codes]:
    codes = Codes(CATALOGUE)
    folder = CountsFolder(root / "trends")
    done = build_from_files(folder, paths, codes, now=NOW)
    return done, Counts(folder, CATALOGUE), codes


def requests(counts: Counts) -> dict[date, tuple[int, int]]:
    return {day: (n, m) for day, n, m in counts.daily([]).iter_rows()}


def test_days_and_hours_are_chinese(tmp_path: Path) -> None:
    _, counts, _ = built(
        tmp_path,
        written(
            tmp_path / "a.csv",
            "1,2025-03-01T16:30:00Z,ZF01,,,PHONE,",  # 00:30 of the 2nd in Chongqing
            "2,2025-03-02T00:10:00+08:00,ZF01,,,PHONE,",
            "3,2025-03-01T23:59:59,ZF01,,,PHONE,",  # without an offset: Chinese time
        ),
    )
    found = counts.hourly([]).select("day", "hour", "requests").rows()
    assert found == [(date(2025, 3, 1), 23, 1), (date(2025, 3, 2), 0, 2)]


def test_a_merged_request_is_a_request_but_no_event(tmp_path: Path) -> None:
    _, counts, _ = built(
        tmp_path,
        written(tmp_path / "a.csv", "1,2025-03-01,ZF01,,,,", "2,2025-03-01,ZF01,,,,1"),
    )
    assert requests(counts) == {date(2025, 3, 1): (2, 1)}


def test_names_are_codes_and_what_no_list_knows_is_counted_and_told(tmp_path: Path) -> None:
    _, counts, codes = built(
        tmp_path,
        written(
            tmp_path / "a.csv",
            "1,2025-03-01,物业服务与收费,渝中区,,电话,",
            "2,2025-03-01,没有这个主题,火星区,,PHONE,",
        ),
    )
    found = counts.daily(["topic", "district", "channel"]).drop("day").rows()
    assert found == [("", "", "PHONE", 1, 1), ("ZF01", "500103", "PHONE", 1, 1)]
    assert codes.unknown == {"topic": {"没有这个主题": 1}, "district": {"火星区": 1}}
    manifest = counts.manifest()
    assert manifest.unknown["topic"] == {"没有这个主题": 1}


def test_a_series_goes_on_through_the_change_of_districts(tmp_path: Path) -> None:
    _, counts, _ = built(
        tmp_path,
        written(
            tmp_path / "a.csv",
            "1,2025-11-05,ZF01,江北区,,,",
            "2,2025-11-06,ZF01,江北区,,,",  # the old name, on the first day of the new district
            "3,2025-11-05,ZF01,渝北区,统景镇,,",  # a township that went elsewhere
        ),
    )
    found = counts.daily(["district", "area"]).select("day", "district", "area").rows()
    new = CATALOGUE.places.successor("江北区", date(2025, 11, 6))
    lay = CATALOGUE.district_of("统景镇", as_of=date(2025, 11, 6))
    assert new is not None
    assert lay is not None
    assert lay.code != new.code
    assert found == [
        (date(2025, 11, 5), "500105", new.code),
        (date(2025, 11, 5), "500112", lay.code),
        (date(2025, 11, 6), new.code, new.code),
    ]


def test_a_late_file_is_counted_where_it_belongs_and_nothing_else_is_read(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", "1,2025-03-01,ZF01,,,,", "2,2025-03-09,ZF01,,,,")
    late = written(tmp_path / "b.csv", "3,2025-03-01,ZF01,,,,", "1,2025-03-01,ZF01,,,,")
    built(tmp_path, first)
    done, counts, _ = built(tmp_path, first, late)
    assert (done.files, done.days) == (1, 1)
    assert requests(counts) == {date(2025, 3, 1): (2, 2), date(2025, 3, 9): (1, 1)}
    done, _, _ = built(tmp_path, first, late)
    assert (done.files, done.days) == (0, 0)


def test_a_file_taken_away_takes_its_counts_along(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", "1,2025-03-01,ZF01,,,,")
    second = written(tmp_path / "b.csv", "2,2025-03-01,ZF01,,,,", "3,2025-03-02,ZF01,,,,")
    built(tmp_path, first, second)
    _, counts, _ = built(tmp_path, first)
    assert requests(counts) == {date(2025, 3, 1): (1, 1)}


def test_moments_that_cannot_be_are_refused_and_numbered(tmp_path: Path) -> None:
    done, counts, _ = built(
        tmp_path,
        written(
            tmp_path / "a.csv",
            "1,昨天下午,ZF01,,,,",
            "2,1999-12-31,ZF01,,,,",
            "3,2025-12-05,ZF01,,,,",  # four days after `now`
            "4,2025-03-01,ZF01,,,,",
        ),
    )
    assert (done.rows, done.refused) == (4, 3)
    assert requests(counts) == {date(2025, 3, 1): (1, 1)}


def test_parquet_and_jsonl_count_like_csv(tmp_path: Path) -> None:
    moments = [datetime(2025, 3, 1, 1), datetime(2025, 3, 1, 2)]
    table = pl.DataFrame({"received_at": moments, "topic": ["ZF01", "ZF02"]})
    table.write_parquet(tmp_path / "a.parquet")
    lines = '{"received_at": "2025-03-01T03:00+08:00", "topic": "ZF01"}\n'
    (tmp_path / "b.jsonl").write_text(lines, "utf-8")
    _, counts, _ = built(tmp_path, tmp_path / "a.parquet", tmp_path / "b.jsonl")
    assert counts.daily(["topic"]).select("topic", "requests").rows() == [("ZF01", 2), ("ZF02", 1)]
    assert counts.hourly([])["hour"].to_list() == [1, 2, 3]


def test_levels_above_a_topic_add_up_its_requests(tmp_path: Path) -> None:
    _, counts, _ = built(
        tmp_path,
        written(tmp_path / "a.csv", "1,2025-03-01,ZF01,,,,", "2,2025-03-01,ZF02,,,,"),
    )
    above = CATALOGUE.topics["ZF01"].l1
    assert counts.daily(["l1"]).select("l1", "requests").rows() == [(above, 2)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "when,topic\n2025-03-01,ZF01\n"),
        ("a.xlsx", "x"),
        ("a.parquet", "not parquet at all"),
        ("a.csv", ""),
    ],
)
def test_a_file_that_cannot_be_counted_is_refused_whole(
    tmp_path: Path, name: str, content: str
) -> None:
    good = written(tmp_path / "good.csv", "1,2025-03-01,ZF01,,,,")
    _, counts, _ = built(tmp_path, good)
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(UnusableFile, match=name.split(".", maxsplit=1)[0]):
        built(tmp_path, good, tmp_path / name)
    assert requests(counts) == {date(2025, 3, 1): (1, 1)}


def test_two_do_not_build_at_once(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "1,2025-03-01,ZF01,,,,")
    with CountsFolder(tmp_path / "trends").locked(), pytest.raises(CountsBusy, match="另一个进程"):
        built(tmp_path, path)


def test_a_key_that_counts_have_not_is_refused(tmp_path: Path) -> None:
    _, counts, _ = built(tmp_path, written(tmp_path / "a.csv", "1,2025-03-01,ZF01,,,,"))
    with pytest.raises(InvalidRequest, match="phone"):
        counts.daily(["phone"])


def test_counts_that_were_never_built_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="triage trends build"):
        Counts(CountsFolder(tmp_path), CATALOGUE).manifest()
