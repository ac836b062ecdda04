"""The search for people and for scripts: every candidate, its figures, its gain with interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluation.bootstrap import Interval
from evaluation.markdown import NAMES
from evaluation.page import Page, Section, Table
from evaluation.rounding import ends, rounded
from training.search.race import Outcome, Standing
from triage.request import Json

CRITERION = "各决策得分的平均；单标签决策的得分是准确率与 macro-F1 的平均，多标签决策是 micro-F1"
_SHOWN = 30
_SHORT = {"accuracy": "准确率", "macro_f1": "macro-F1", "micro_f1": "micro-F1"}


def to_json(outcome: Outcome) -> dict[str, Json]:
    """Return the whole search as JSON."""
    return {
        "schema": 1,
        "criterion": "mean over heads of (accuracy + macro_f1) / 2, or micro_f1",
        "seconds": round(outcome.seconds, 1),
        "rows_fitted": dict(outcome.fitted),
        "rows_held_out": dict(outcome.held),
        "chosen": dict(outcome.finals[0].candidate.overrides),
        "finals": [_standing(one) for one in outcome.finals],
        "race": [_standing(one) for one in outcome.race],
    }


def summary(outcome: Outcome) -> str:
    """Return in one sentence what was chosen, and whether it is more than noise."""
    best = outcome.finals[0]
    if not best.candidate.overrides:
        return f"{len(outcome.race)} 个候选里没有比原配方更好的：沿用原配方（{best.score:.4f}）"
    sure = "区间在 0 以上" if best.gain.low > 0 else "区间含 0，可能只是抽样误差"
    return (
        f"{len(outcome.race)} 个候选里选中 {best.candidate.name}：得分 {best.score:.4f}，"
        f"比原配方 {_gain(best.gain)}（{sure}）"
    )


def to_page(outcome: Outcome) -> Page:
    """Return the report as a page."""
    race = next(iter(outcome.fitted))
    how = (
        f"准则：{CRITERION}。全部候选先跑一轮短赛（{race}：拟合 {outcome.fitted[race]} 条，答 "
        f"{outcome.held[race]} 条），最好的几个与原配方再跑完整的留出折；近似重复的诉求总在同一侧。"
        "选中的是决赛得分最高的。它是从许多个里挑出来的，得分本身略偏高；区间含 0 的差别不必当真。"
    )
    sections = (
        Section("结论", (summary(outcome) + "。", how, f"全部试验共用 {outcome.seconds:.0f} 秒。")),
        Section("决赛", (_table(outcome.finals),)),
        Section(f"短赛（前 {_SHOWN} 名）", (_table(outcome.race[:_SHOWN]),)),
    )
    return Page("配方搜索", sections)


def _standing(one: Standing) -> dict[str, Json]:
    figures: dict[str, Json] = {
        head: {name: rounded(value) for name, value in found.items()}
        for head, found in one.figures.items()
    }
    return {
        "changes": dict(one.candidate.overrides),
        "score": rounded(one.score),
        "gain": rounded(one.gain.value),
        "interval": ends(one.gain),
        "seconds": round(one.seconds, 1),
        "figures": figures,
    }


def _table(standings: Sequence[Standing]) -> Table:
    first = standings[0].figures
    columns = [(head, name) for head, figures in first.items() for name in figures]
    titles = [f"{NAMES[head]} {_SHORT[name]}" for head, name in columns]
    rows = [
        (one.candidate.name, f"{one.score:.4f}", _gain(one.gain), *_cells(one.figures, columns))
        for one in standings
    ]
    return Table(("改动", "得分", "比原配方（95% 区间）", *titles), tuple(rows))


def _cells(
    figures: Mapping[str, Mapping[str, float]], columns: Sequence[tuple[str, str]]
) -> list[str]:
    return [f"{figures[head][name]:.4f}" for head, name in columns]


def _gain(gain: Interval) -> str:
    return f"{gain.value:+.4f}（{gain.low:+.4f} 到 {gain.high:+.4f}）"
