"""Routing rules in the database: those that may apply, all of them, a new one, one that ends.

Within the caller's transaction; every change goes into the ledger by whoever makes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import orjson
from sqlalchemy import Connection, Row, Select, insert, select, update

from triage.errors import TriageError
from triage.store.dispute_tables import routing_rule
from triage.workorder.routing_rules import ANY, RoutingRule, Scope


class UnknownRule(TriageError):
    """No rule has this id."""

    code = "rule_unknown"


def rules_for(connection: Connection, topic: str, day: date) -> list[RoutingRule]:
    """Return the rules in force on a day that a topic can fall under."""
    patterns = ["", topic, *(topic[:length] + ANY for length in range(1, len(topic) + 1))]
    return _found(connection, _in_force(day).where(routing_rule.c.topic.in_(patterns)))


def rules_in_force(connection: Connection, day: date) -> list[RoutingRule]:
    """Return all rules in force on a day, newest first."""
    return _found(connection, _in_force(day))


def all_rules(connection: Connection) -> list[RoutingRule]:
    """Return all rules, ended and expired ones too, newest first."""
    return _found(connection, select(routing_rule))


def find_rule(connection: Connection, rule_id: str) -> RoutingRule:
    """Return a rule, locked until the transaction ends.

    Raises
    ------
    UnknownRule
    """
    query = select(routing_rule).where(routing_rule.c.id == rule_id).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise UnknownRule(f"没有编号为 {rule_id!r} 的裁定规则：用 GET /v1/rules 查看")
    return _rule(row)


def insert_rules(connection: Connection, rules: Iterable[RoutingRule]) -> None:
    """Write new rules."""
    for rule in rules:
        connection.execute(
            insert(routing_rule).values(
                id=rule.id,
                unit=rule.unit,
                support=orjson.dumps(rule.support).decode(),
                topic=rule.scope.topic,
                region=rule.scope.region,
                keywords=orjson.dumps(rule.scope.keywords).decode(),
                basis=rule.basis,
                expires_on=rule.expires_on.isoformat(),
                made_at=rule.made_at,
                made_by=rule.made_by,
                order_id=rule.order_id,
                publisher=rule.publisher,
                pack_rule=rule.pack_rule,
                ended_at=rule.ended_at,
                ended_by=rule.ended_by,
            )
        )


def end_rule(connection: Connection, rule_id: str, *, at: datetime, by: str) -> None:
    """Write that a rule no longer applies."""
    connection.execute(
        update(routing_rule).where(routing_rule.c.id == rule_id).values(ended_at=at, ended_by=by)
    )


def _in_force(day: date) -> Select[*tuple[object, ...]]:
    return select(routing_rule).where(
        routing_rule.c.ended_at.is_(None), routing_rule.c.expires_on >= day.isoformat()
    )


def _found(connection: Connection, query: Select[*tuple[object, ...]]) -> list[RoutingRule]:
    ordered = query.order_by(routing_rule.c.made_at.desc(), routing_rule.c.id)
    return [_rule(row) for row in connection.execute(ordered)]


def _rule(row: Row[*tuple[object, ...]]) -> RoutingRule:
    return RoutingRule(
        id=row.id,
        unit=row.unit,
        scope=Scope(row.topic, row.region, tuple(orjson.loads(row.keywords))),
        expires_on=date.fromisoformat(row.expires_on),
        made_at=row.made_at,
        made_by=row.made_by,
        support=tuple(orjson.loads(row.support)),
        basis=row.basis,
        order_id=row.order_id,
        publisher=row.publisher,
        pack_rule=row.pack_rule,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
