"""What came out, in Chinese sentences with the names of units, for people at a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.request import Json
from triage.whatif.outcome import Outcome, Spread


def outcome_lines(outcomes: Sequence[Outcome], names: Mapping[str, str]) -> list[str]:
    """Return scenarios one after another; `names` are units' by code."""
    lines = []
    for one in outcomes:
        lines += [
            f"{one.name}：{one.orders:,} 件，{one.calls:,} 通来话",
            f"  平均等待 {_of(one.wait_minutes, 1)} 分钟；"
            f"等一分钟以上 {_of(one.long_waits, 100)}%；没等到就放弃 {_of(one.given_up, 100)}%",
            f"  超期 {_of(one.overdue, 100)}%；办理时间中位数 {_of(one.hours, 1)} 小时",
        ]
        lines += [f"  {names.get(u, u)} 超期 {_of(share, 100)}%" for u, share in one.worst]
    return lines


def replay_lines(found: Mapping[str, Json], names: Mapping[str, str]) -> list[str]:
    """Return a replay: what was, and what the simulation said."""
    told = found["median_hours_simulated"]
    assert isinstance(told, dict)
    lines = [
        f"{found['orders']:,} 件，{found['time_is_up']:,} 件已到期限，{found['open']:,} 件没有办结",
        f"超期：{_beside(found['overdue_was'], found['overdue_simulated'])}",
        f"办理时间中位数：实际 {found['median_hours_was']} 小时，"
        f"推演 {told['mean']}（{told['low']}–{told['high']}）",
    ]
    units = found["units"]
    assert isinstance(units, dict)
    if not units["compared"]:
        return lines
    lines.append(
        f"{units['compared']} 个单位：超期率平均差 {_percent(units['mean_absolute_error'])}，"
        f"{units['within_interval']} 个落在区间内，"
        f"最差的几个里 {units['worst_named_by_both']} 个说中"
    )
    rows = units["worst"]
    assert isinstance(rows, list)
    for row in rows:
        assert isinstance(row, dict)
        unit = str(row["unit"])
        lines.append(f"  {names.get(unit, unit)}：{_beside(row['was'], row)}")
    return lines


def _beside(was: Json, said: Json) -> str:
    assert isinstance(said, dict)
    mean, low, high = (_percent(said[key]) for key in ("mean", "low", "high"))
    return f"实际 {_percent(was)}，推演 {mean}（{low}–{high}）"


def _percent(share: Json) -> str:
    return f"{100 * float(str(share)):.1f}%"


def _of(figure: Spread, times: float) -> str:
    return f"{figure.mean * times:.1f}（{figure.low * times:.1f}–{figure.high * times:.1f}）"
