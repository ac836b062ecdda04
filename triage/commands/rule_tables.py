"""Rules, trials and packs as the command line prints them: tables for people, JSON for scripts."""

from __future__ import annotations

from collections.abc import Sequence

from triage.desk.pack_file import Pack
from triage.desk.routing import rule_json
from triage.desk.rule_packs import PackDiff
from triage.request import Json
from triage.workorder.routing_rules import RoutingRule
from triage.workorder.rule_trial import Moved, Trial, units_of

_SHOWN = 20


def print_rules(rules: Sequence[RoutingRule]) -> None:
    """Print rules, one a line."""
    print("编号\t派给\t主题\t区域\t关键词\t有效至\t依据")
    for rule in rules:
        scope = rule.scope
        words = " ".join(scope.keywords) or "不限"
        last = "已终止" if rule.ended_at else rule.expires_on.isoformat()
        print(
            *(rule.id, rule.unit, scope.topic or "不限", scope.region or "不限", words, last),
            rule.basis,
            sep="\t",
        )


def print_trial(trial: Trial) -> None:
    """Print what a trial found."""
    moved = len(trial.moved)
    print(f"重放 {trial.orders:,} 件，改派 {moved:,} 件，另有 {trial.unreadable:,} 件无法重放")
    print("单位\t原来\t改后\t增减\t办理中位数（天）")
    for load in trial.loads:
        days = "不足 5 件" if load.median_days is None else f"{load.median_days:g}"
        print(load.unit, load.before, load.after, f"{load.after - load.before:+}", days, sep="\t")
    for (before, after), count in list(units_of(trial.moved).items())[:_SHOWN]:
        print(f"{before or '（无）'} → {after or '（无）'}\t{count} 件")
    unknown = sum(one.missed_after is None for one in trial.moved)
    print(
        f"按改后单位的中位数，新增超期 {trial.newly_missed} 件；{unknown} 件的单位办结太少，说不准"
    )
    for one in [one for one in trial.moved if one.missed_after][:_SHOWN]:
        tried = one.tried
        print(f"会超期\t{tried.order_id}\t{tried.after}\t期限 {tried.due_at.isoformat()}")
    for (first, second), count in trial.conflicts.items():
        print(f"规则冲突\t{first} 与 {second}\t{count} 件，以前者为准")
    for (rule, why), count in trial.barred.items():
        print(f"规则不适用\t{rule}\t{count} 件\t{why}")


def trial_json(trial: Trial) -> dict[str, Json]:
    """Return a trial as JSON, every moved order in it."""
    return {
        "orders": trial.orders,
        "unreadable": trial.unreadable,
        "moved": [_moved_json(one) for one in trial.moved],
        "loads": [
            {
                "unit": load.unit,
                "before": load.before,
                "after": load.after,
                "median_days": load.median_days,
            }
            for load in trial.loads
        ],
        "newly_missed": trial.newly_missed,
        "conflicts": [
            {"rule": first, "other": second, "orders": count}
            for (first, second), count in trial.conflicts.items()
        ],
        "barred": [
            {"rule": rule, "reason": why, "orders": count}
            for (rule, why), count in trial.barred.items()
        ],
    }


def print_diff(pack: Pack, diff: PackDiff) -> None:
    """Print what a pack changes."""
    print(f"规则包\t{pack.publisher}\t{pack.made_at:%Y-%m-%d}\t摘要 {pack.digest}")
    for rule in diff.added:
        print(f"新增\t{rule.id}\t派 {rule.unit}\t{rule.basis}")
    for old, new in diff.changed:
        print(f"改动\t{old.id}\t派 {old.unit} → {new.unit}\t{new.basis}")
    for rule in diff.same:
        print(f"相同\t{rule.id}")
    for rule in diff.gone:
        print(f"对方已撤\t{rule.id}\t仍在本地生效：不再需要请 triage rules expire {rule.id}")
    for rule, why in diff.refused:
        print(f"不采纳\t{rule.id}\t{why}")
    print(f"先例 {len(pack.precedents)} 件")


def diff_json(pack: Pack, diff: PackDiff, trial: Trial | None) -> dict[str, Json]:
    """Return what a pack changes as JSON, with the trial run where there was one."""
    return {
        "digest": pack.digest,
        "publisher": pack.publisher,
        "added": [rule_json(rule) for rule in diff.added],
        "changed": [{"from": rule_json(old), "to": rule_json(new)} for old, new in diff.changed],
        "same": [rule.id for rule in diff.same],
        "gone": [rule.id for rule in diff.gone],
        "refused": [{"rule": rule.id, "reason": why} for rule, why in diff.refused],
        "precedents": len(pack.precedents),
        "trial": trial_json(trial) if trial is not None else None,
    }


def _moved_json(one: Moved) -> Json:
    tried = one.tried
    return {
        "order_id": tried.order_id,
        "from": tried.before,
        "to": tried.after,
        "rule": tried.rule_id,
        "due_at": tried.due_at.isoformat(),
        "missed_before": one.missed_before,
        "missed_after": one.missed_after,
    }
