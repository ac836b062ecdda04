"""Who is let in: roles, same origin, own host; and what is noted of a refusal."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from serving.admission import Admission
from serving.caller import SCOPE_KEY
from serving.denial import Denial, log_denial
from serving.identity import Caller, Identity
from serving.problems import Problem
from triage.desk.actor import Actor

HANDLER = Actor("城管", frozenset({"handler"}), frozenset({"URBAN_MGMT"}))


class OneKey:
    """Credentials that know one secret."""

    def __init__(self, actor: Actor) -> None:
        self._caller = Caller(actor)

    def caller_of(self, secret: bytes) -> Caller:
        if secret != b"ctk_good":
            raise Problem("key_invalid", "密钥不存在")
        return self._caller


def request(method: str, path: str, **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"method": method, "path": path, "headers": raw, "client": ("10.0.0.9", 1234)}


def keyed(actor: Actor = HANDLER, denials: list[Denial] | None = None) -> Admission:
    noted = denials if denials is not None else []
    return Admission(Identity(OneKey(actor)), on_denied=noted.append)


def refusal(admission: Admission, scope: dict[str, Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        admission.admit(scope)
    return caught.value


def test_the_actor_is_put_on_the_request() -> None:
    scope = request("GET", "/v1/queue", authorization="Bearer ctk_good")
    keyed().admit(scope)
    assert scope[SCOPE_KEY] is HANDLER


def test_a_role_that_is_not_listed_is_told_which_are() -> None:
    denials: list[Denial] = []
    scope = request("POST", "/v1/requests/a-1/supervise", authorization="Bearer ctk_good")
    problem = refusal(keyed(denials=denials), scope)
    assert (problem.status, problem.code) == (403, "forbidden")
    assert "administrator、supervisor" in problem.detail
    assert "您的角色：handler" in problem.detail
    assert denials == [Denial(HANDLER, "POST", "/v1/requests/{id}/supervise", "forbidden")]


def test_a_caller_without_any_role_may_see_only_what_is_public() -> None:
    admission = keyed(Actor("x"))
    admission.admit(request("GET", "/v1/opendata", authorization="Bearer ctk_good"))
    problem = refusal(admission, request("GET", "/v1/catalogue", authorization="Bearer ctk_good"))
    assert problem.code == "forbidden"
    assert "您的角色：无" in problem.detail


def test_an_unlisted_path_is_refused_even_to_an_administrator() -> None:
    admission = Admission()
    assert refusal(admission, request("GET", "/v1/secret")).code == "not_found"
    problem = refusal(admission, request("DELETE", "/v1/mode"))
    assert problem.code == "method_not_allowed"
    assert dict(problem.headers)[b"allow"] == b"GET, PUT"


def test_a_stranger_does_not_learn_which_paths_exist() -> None:
    for path in ("/v1/secret", "/v1/queue"):
        assert refusal(keyed(), request("GET", path)).code == "key_missing"


def test_a_wrong_key_is_noted_and_a_missing_one_is_not() -> None:
    denials: list[Denial] = []
    admission = keyed(denials=denials)
    refusal(admission, request("GET", "/v1/queue"))
    assert denials == []
    refusal(admission, request("GET", "/v1/queue", authorization="Bearer x"))
    assert denials == [Denial(None, "GET", "/v1/queue", "key_invalid")]


def test_a_denial_is_logged_by_pattern(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        log_denial(Denial(HANDLER, "GET", "/v1/public/{query_code}", "forbidden"))
    assert caplog.messages == ["denied forbidden: 城管 (handler) GET /v1/public/{query_code}"]


@pytest.mark.parametrize(
    "headers",
    [
        {},  # no browser
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none", "origin": "http://elsewhere"},
        {"origin": "http://desk:8000", "host": "desk:8000"},
    ],
)
def test_a_change_from_the_own_page_passes(headers: dict[str, str]) -> None:
    Admission().admit(request("POST", "/v1/requests", **headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "http://elsewhere", "host": "desk:8000"},
        {"origin": "http://desk:8001", "host": "desk:8000"},
        {"origin": "null", "host": "desk:8000"},
    ],
)
def test_a_page_from_elsewhere_changes_nothing(headers: dict[str, str]) -> None:
    problem = refusal(Admission(), request("POST", "/v1/requests", **headers))
    assert (problem.status, problem.code) == (403, "cross_origin")


def test_with_a_key_and_no_cookie_the_origin_does_not_matter() -> None:
    headers = {"authorization": "Bearer ctk_good", "origin": "http://elsewhere", "host": "desk"}
    admission = keyed(Actor("a", frozenset({"agent"})))
    admission.admit(request("POST", "/v1/requests", **headers))
    problem = refusal(admission, request("POST", "/v1/requests", **headers, cookie="session=1"))
    assert problem.code == "cross_origin"


def test_reading_is_no_change() -> None:
    Admission().admit(request("GET", "/v1/queue", sec_fetch_site="cross-site", cookie="a=b"))


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:9", "[::1]:8000"])
def test_a_service_without_keys_is_called_by_its_own_names(host: str) -> None:
    Admission(is_own_host_only=True).admit(request("GET", "/v1/queue", host=host))


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:80", "", "[::1", "10.0.0.5"]
)
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    problem = refusal(Admission(is_own_host_only=True), request("GET", "/v1/queue", host=host))
    assert problem.code == "cross_origin"
