"""The report of alarms as a page: one table a question, the same figures as the JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_HEAD = ("| {} | 次数 | 找到 | 当天 | 一期内 | 平均迟几天 | 上一级找到 | 两级任一 |",
         "|---|---|---|---|---|---|---|---|")  # fmt: skip
_ROW = ("n", "found", "found_same_day", "found_within_1", "mean_delay_days",
        "one_level_up", "found_or_one_level_up")  # fmt: skip


def page(report: Mapping[str, Any]) -> str:
    """Return the Markdown."""
    lines = ["# 预警 / alarms", ""]
    for city in report["simulated"]:
        lines += _city(city)
    for one in report["real"]:
        lines += _real(one)
    if "chosen_on" in report:
        for one in report["chosen_on"]:
            lines += _grid(one)
    return "\n".join([*lines, ""])


def _city(city: Mapping[str, Any]) -> list[str]:
    alarms = city["false_alarms"]
    lines = [f"## {city['background']}", "",
             f"误报，每区县每月：突发 {alarms['outbreak_per_district_month']}，"
             f"静默 {alarms['silence_per_district_month']}；"
             f"全市一级每月：突发 {alarms['outbreak_city_per_month']}，"
             f"静默 {alarms['silence_city_per_month']}。", ""]  # fmt: skip
    if city["mean_15_times_3_days_2"] is not None:
        standard = {"of": "均值 ≥ 15，×3，2 天", **city["mean_15_times_3_days_2"]}
        lines += _table("目标", [standard])
    lines += _table("×3、2 天，按均值", city["by_mean_times_3_days_2"])
    lines += _table("均值 ≥ 15：倍数、天数、形状", city["mean_15_by_times_days_shape"])
    lines += _table("静默：剩下几成、天数", city["silence_by_remaining_days"])
    lines += _table("静默：级别", city["silence_by_level"])
    lines += _table("主题 × 区县全无，按均值", city["silence_topic_area_by_mean_remaining_0"])
    if "silence_of_hours" in city:
        lines += _hours(city["silence_of_hours"]) + _units(city["silence_of_units"])
    return lines


def _hours(said: Mapping[str, Any]) -> list[str]:
    lines = [
        f"渠道的小时静默：注入 {said['n']} 次，其中 {said['too_little_expected']} 次，"
        "那几小时平时就不到十二件，不判断；"
        f"没有注入时每渠道每月误报 {said['false_per_channel_month']}。",
        "",
        "| 持续几小时、剩下几成；渠道 | 次数 | 找到 | 平均几小时后 |",
        "|---|---|---|---|",
    ]
    for row in (*said["by_hours_remaining"], *said["by_channel"]):
        late = "–" if row["mean_delay_hours"] is None else row["mean_delay_hours"]
        lines.append(f"| {_of(row['of'])} | {row['n']} | {row['found']} | {late} |")
    return [*lines, ""]


def _units(said: Mapping[str, Any]) -> list[str]:
    lines = [f"单位的静默：{said['units']} 个单位（每天答复六件以上），"
             f"每单位每月误报 {said['false_per_unit_month']}。", ""]  # fmt: skip
    lines += _table("答复剩下几成、几个工作日", said["by_remaining_days"])
    if said["mean_15"] is not None:
        lines += _table("同上", [{"of": "每天答复 ≥ 15 件", **said["mean_15"]}])
    return lines


def _grid(one: Mapping[str, Any]) -> list[str]:
    lines = [f"## 阈值：在种子 {one['seed']} 上选", "",
             "| 背景 | rate | 窗口或 share | 误报 /区县/月 | 次数 | 一期内找到 |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for kind, setting in (("outbreak", "windows"), ("silence", "share")):
        lines += [
            f"| {row['background']} {kind} | {row['rate']} | {_of(row[setting])} "
            f"| {row['false_per_district_month']} | {row['n']} | {row['found_within_1']} |"
            for row in one[kind]
        ]
    return [*lines, ""]


def _of(of: object) -> str:
    return "、".join(str(one) for one in of) if isinstance(of, list | tuple) else str(of)


def _real(one: Mapping[str, Any]) -> list[str]:
    alarms = one["false_per_month"]
    lines = [f"## {one['series']}（真实，均值 {one['mean']}）", "",
             f"没有注入时每月：突发 {alarms['outbreak']}，静默 {alarms['silence']}"
             "（真实序列里可能有真的突发）。", ""]  # fmt: skip
    rows = [("×3、2 天", "times_3_days_2"), ("同上，均值 ≥ 15", "times_3_days_2_mean_15"),
            ("全无、2 天，均值 ≥ 12", "silence_0_days_2_mean_12")]  # fmt: skip
    return lines + _table("注入", [{"of": of, **one[name]} for of, name in rows if one[name]])


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [_HEAD[0].format(title), _HEAD[1]]
    for row in rows:
        of = _of(row["of"])
        cells = " | ".join("–" if row[name] is None else str(row[name]) for name in _ROW)
        lines.append(f"| {of} | {cells} |")
    return [*lines, ""]
