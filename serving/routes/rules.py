"""/v1/rules: the routing rules that rulings became; made, listed, ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.routes.disputes import scope_of
from serving.schemas import problem_responses
from serving.schemas_disputes import (
    MadeRuleDocument,
    RuleDocument,
    RuleRequest,
    RulesDocument,
)
from triage.desk.office import Office
from triage.desk.routing import RuleDraft, add_rule, expire_rule, rule_json
from triage.request import Json
from triage.store.routing_rules import all_rules, rules_in_force
from triage.workorder.working_calendar import shanghai_day

_PROBLEMS = problem_responses(401, 403, 422, 429, 500, 503)


def rules_router(office: Office) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/rules", tags=["disputes"])

    @router.get("", response_model=RulesDocument, responses=_PROBLEMS)
    def rules(
        all: Annotated[bool, Query(description="也列出已失效的")] = False,
    ) -> Response:
        """Return the rules in force, newest first."""
        with office.database.read() as connection:
            found = (
                all_rules(connection)
                if all
                else rules_in_force(connection, shanghai_day(office.now()))
            )
        return json_answer({"rules": [rule_json(one) for one in found]})

    @router.post("", status_code=201, response_model=MadeRuleDocument, responses=_PROBLEMS)
    def make(wanted: RuleRequest, request: Request) -> Response:
        """Make a rule; the answer names the rules that it contradicts."""
        draft = RuleDraft(
            wanted.unit,
            scope_of(wanted.scope),
            wanted.expires_on,
            wanted.basis,
            tuple(wanted.support or ()),
        )
        with office.database.write() as connection:
            rule, against = add_rule(
                connection, draft, office.codes, now=office.now(), actor=actor_of(request)
            )
        conflicts: list[Json] = [one.id for one in against]
        return json_answer({"rule": rule_json(rule), "conflicts": conflicts}, 201)

    @router.delete(
        "/{id}",
        response_model=RuleDocument,
        responses={**_PROBLEMS, **problem_responses(404)},
    )
    def expire(id: str, request: Request) -> Response:
        """End a rule now; it stays on record."""
        with office.database.write() as connection:
            rule = expire_rule(connection, id, now=office.now(), actor=actor_of(request))
        return json_answer(rule_json(rule))

    return router
