"""The access table: every route of the application is in it, and it says what it should."""

from __future__ import annotations

import timeit
from collections.abc import Iterable, Iterator

import pytest
from starlette.routing import BaseRoute, Mount, Route

from serving.access import COLUMNS, AccessTable, Rule, access_table
from serving.app import create_app
from serving.engine import Fixed
from serving.gate import OPEN_FOLDER, OPEN_PATHS
from serving.lockout import PREFIX
from serving.rights import PUBLIC, ROLES

PLACEHOLDER_VALUE = "any"


def table_of(*listed: tuple[str, str]) -> AccessTable:
    return AccessTable(Rule(method, path, frozenset(), False, "") for method, path in listed)


def existing(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield "GET", f"{route.path}/{PLACEHOLDER_VALUE}"
        elif isinstance(route, Route):
            for method in sorted(route.methods or ()):
                yield method, route.path
        else:  # FastAPI keeps the routes of an included router together
            inner = getattr(route, "original_router", None)
            assert inner is not None, f"a kind of route that this test cannot read: {route!r}"
            yield from existing(inner.routes)


def test_every_route_is_listed() -> None:
    desk = object()  # nothing is asked of it
    app = create_app(Fixed(None), noop_route=True, office=desk, outgoing=desk)  # type: ignore[arg-type]
    found = list(existing(app.router.routes))
    assert {("POST", "/v1/triage"), ("GET", "/v1/catalogue"), ("POST", "/v1/requests")} <= {*found}
    table = access_table()
    unlisted = [f"{method} {path}" for method, path in found if not table.find(method, path)]
    assert unlisted == [], "add to serving/data/access.csv; until then nobody may use them"


def test_the_columns_are_the_roles() -> None:
    assert (*ROLES, PUBLIC) == COLUMNS
    assert {role for rule in access_table().rules for role in rule.roles} == set(COLUMNS)


def test_what_is_public_is_everybody_s() -> None:
    for rule in access_table().rules:
        if rule.is_public:
            assert rule.roles == set(COLUMNS), rule


def test_an_administrator_may_do_everything_and_an_auditor_changes_nothing() -> None:
    for rule in access_table().rules:
        assert "administrator" in rule.roles, rule
        assert rule.is_public or "auditor" not in rule.roles or rule.method == "GET", rule


def test_only_who_works_on_an_order_sees_originals() -> None:
    rule = access_table().find("POST", "/v1/requests/260301-1/reveal")
    assert rule is not None
    assert not rule.roles & {"analyst", "auditor", PUBLIC}


def test_nobody_without_a_key_changes_anything() -> None:
    assert [r for r in access_table().rules if r.is_public and r.method != "GET"] == []


def test_what_is_answered_however_busy_is_public() -> None:
    for path in (*OPEN_PATHS, f"{OPEN_FOLDER}js/main.js"):
        rule = access_table().find("GET", path)
        assert rule is not None
        assert rule.is_public


def test_the_guarded_query_is_listed() -> None:
    rule = access_table().find("GET", f"{PREFIX}ABCD-1234")
    assert rule is not None
    assert rule.is_public


@pytest.mark.parametrize(
    ("method", "path", "pattern"),
    [
        ("GET", "/v1/requests", "/v1/requests"),
        ("GET", "/v1/requests/a-1", "/v1/requests/{id}"),
        ("HEAD", "/v1/requests/a-1", "/v1/requests/{id}"),
        ("POST", "/v1/requests/a-1/reveal", "/v1/requests/{id}/reveal"),
        ("GET", "/open311/v2/requests/1.json", "/open311/v2/{path:path}"),
        ("GET", "/v1/requests/{order_id}", "/v1/requests/{id}"),
    ],
)
def test_a_request_finds_its_row(method: str, path: str, pattern: str) -> None:
    rule = access_table().find(method, path)
    assert rule is not None
    assert rule.path == pattern


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/triage"),
        ("POST", "/v1/triage/"),
        ("POST", "/v1/triage\n"),  # the router's `$` would take it
        ("GET", "/v1/requests/"),
        ("POST", "/v1/requests/a/reveal\n"),
        ("GET", "/v1/requests/a\nb"),
        ("POST", "/v1/requests/a/b/reveal"),
        ("GET", "/v1/requests//timeline"),
        ("GET", "/open311/v2/"),
        ("post", "/v1/triage"),
        ("GET", "/V1/catalogue"),
        ("GET", ""),
    ],
)
def test_what_is_not_listed_is_not_found(method: str, path: str) -> None:
    assert access_table().find(method, path) is None


def test_a_literal_row_comes_before_a_pattern() -> None:
    table = table_of(("GET", "/a/{id}"), ("GET", "/a/b"))
    found = table.find("GET", "/a/b")
    assert found is not None
    assert found.path == "/a/b"


def test_dots_in_a_path_are_only_dots() -> None:
    assert table_of(("GET", "/{id}.json")).find("GET", "/a-json") is None


def test_the_methods_of_a_path_are_those_listed() -> None:
    table = table_of(("GET", "/a"), ("POST", "/a"), ("PUT", "/b"))
    assert table.methods("/a") == ("GET", "POST")
    assert table.methods("/c") == ()


def test_a_row_is_listed_once() -> None:
    with pytest.raises(ValueError, match="GET /a"):
        table_of(("GET", "/a"), ("GET", "/a"))


def test_the_hot_path_is_found_in_far_less_than_two_microseconds() -> None:
    table = access_table()
    path = "/v1/" + "triage"[:]
    seconds = min(timeit.repeat(lambda: table.find("POST", path), number=2000, repeat=5)) / 2000
    assert seconds < 2e-6
