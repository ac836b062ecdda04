"""/v1/jobs and the bulk upload over HTTP, down to the job's file; the runner is another test's."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.engine import Fixed
from serving.identity import Caller
from serving.problems import Problem
from serving.settings import Limits
from triage.desk.actor import Actor
from triage.desk.job_kinds import JobPlace
from triage.desk.jobs import JobRoom
from triage.request import Versions
from triage.store.jobs import JobState, Pulse, claim, end

if TYPE_CHECKING:
    from desks import Desk

CSV = "诉求内容\n路灯坏了\n".encode()
LIMIT = 200


class Names:
    """Credentials where the secret is the role."""

    def caller_of(self, secret: bytes) -> Caller:
        name = secret.decode()
        if name.startswith("un"):
            raise Problem("key_invalid", "no such key")
        return Caller(Actor(name, frozenset({name.split("-")[0]})))


@pytest.fixture
def room(desk: Desk, tmp_path: Path) -> JobRoom:
    folder = tmp_path / "jobs"
    folder.mkdir()
    place = JobPlace(folder, tmp_path, str(desk.office.database.url))
    return JobRoom(desk.office.database, place, lambda: desk.now)


@pytest.fixture
def client(desk: Desk, room: JobRoom) -> httpx.AsyncClient:
    app = create_app(
        Fixed(DebugPipeline(Versions("m", "c", "r"), DebugLists())),
        limits=Limits(upload_bytes=LIMIT, upload_seconds=0.2),
        keys=Names(),
        office=desk.office,
        jobs=room,
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://triage")


async def asked(
    client: httpx.AsyncClient, who: str, method: str, path: str, **more: object
) -> httpx.Response:
    headers = {"authorization": f"Bearer {who}", **more.pop("headers", {})}  # type: ignore[dict-item]
    return await client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]


async def sent(
    client: httpx.AsyncClient, body: bytes = CSV, kind: str = "text/csv", who: str = "agent-1"
) -> httpx.Response:
    headers = {"content-type": kind}
    path = "/v1/requests:bulk?source=portal"
    return await asked(client, who, "POST", path, content=body, headers=headers)


def run(test: Coroutine[object, object, None]) -> None:
    asyncio.run(test)


def kept(room: JobRoom) -> list[str]:
    found = sorted(path for path in room.place.folder.rglob("*") if path.is_file())
    return [path.name for path in found]


def test_an_uploaded_file_waits_for_its_job_and_only_its_owner_may_read_it(
    client: httpx.AsyncClient, room: JobRoom
) -> None:
    async def go() -> None:
        answer = await sent(client)
        assert answer.status_code == 202
        body = answer.json()
        assert (body["kind"], body["state"], body["created_by"]) == ("intake", "queued", "agent-1")
        assert body["arguments"] == {"files": [f"{body['id']}/upload.csv"], "source": "portal"}
        path = room.place.own(body["id"]) / "upload.csv"
        assert path.read_bytes() == CSV
        assert path.stat().st_mode & 0o777 == 0o600
        followed = await asked(client, "agent-1", "GET", answer.headers["location"])
        assert followed.json() == body

    run(go())


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (CSV, "application/json", 415, "media_type_unsupported"),
        (CSV, "multipart/form-data; boundary=x", 422, "file_unusable"),
        (CSV, "multipart/form-data", 422, "file_unusable"),
        (b"x" * (LIMIT + 1), "text/csv", 413, "body_too_large"),
        (b"", "text/csv", 422, "file_unusable"),
        (b"%PDF-1.7", "text/csv", 422, "file_unusable"),
        (b"PK\x03\x04", "text/csv", 422, "file_unusable"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_of_it_stays(
    client: httpx.AsyncClient, room: JobRoom, body: bytes, kind: str, status: int, code: str
) -> None:
    async def go() -> None:
        answer = await sent(client, body, kind)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    run(go())
    assert list(room.place.folder.iterdir()) == []


def test_a_bad_source_is_refused_and_nothing_stays(
    client: httpx.AsyncClient, room: JobRoom
) -> None:
    async def go() -> None:
        path = "/v1/requests:bulk?source=--json"
        headers = {"content-type": "text/csv"}
        answer = await asked(client, "agent-1", "POST", path, content=CSV, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "job_argument")

    run(go())
    assert list(room.place.folder.iterdir()) == []


def test_a_body_without_a_length_is_counted_as_it_comes(
    client: httpx.AsyncClient, room: JobRoom
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 50

    async def go() -> None:
        headers = {"content-type": "text/csv"}
        path = "/v1/requests:bulk"
        answer = await asked(client, "agent-1", "POST", path, content=parts(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")

    run(go())
    assert list(room.place.folder.iterdir()) == []


def test_each_sees_what_is_theirs(client: httpx.AsyncClient) -> None:
    async def go() -> None:
        job_id = (await sent(client)).json()["id"]
        statuses = {}
        for who in ("agent-2", "handler-1", "auditor-1", "analyst-1", "unknown"):
            answer = await asked(client, who, "GET", f"/v1/jobs/{job_id}")
            statuses[who] = answer.status_code
        assert statuses == {
            "agent-2": 403,
            "handler-1": 403,
            "auditor-1": 200,
            "analyst-1": 200,
            "unknown": 401,
        }
        assert (await asked(client, "agent-1", "GET", "/v1/jobs")).status_code == 403
        listed = (await asked(client, "analyst-1", "GET", "/v1/jobs?state=queued")).json()
        assert [one["id"] for one in listed["items"]] == [job_id]
        assert listed["next_cursor"] is None
        assert (await sent(client, who="analyst-1")).status_code == 403

    run(go())


def test_a_job_is_asked_for_by_its_table(client: httpx.AsyncClient, room: JobRoom) -> None:
    (room.place.folder / "a.csv").write_bytes(CSV)

    async def go() -> None:
        wanted = {"kind": "import", "arguments": {"files": ["a.csv"], "out": "a.jsonl"}}
        answer = await asked(client, "analyst-1", "POST", "/v1/jobs", json=wanted)
        assert answer.status_code == 202
        for wrong, code in (
            ({"kind": "rm", "arguments": {}}, "job_kind_unknown"),
            (
                {"kind": "import", "arguments": {"files": ["../x"], "out": "a.jsonl"}},
                "job_argument",
            ),
            ({"kind": "import", "extra": 1}, "field_invalid"),
        ):
            answer = await asked(client, "analyst-1", "POST", "/v1/jobs", json=wrong)
            assert (answer.status_code, answer.json()["code"]) == (422, code)

    run(go())


def test_a_job_is_cancelled_its_log_and_rejects_are_read(
    client: httpx.AsyncClient, room: JobRoom
) -> None:
    async def go() -> None:
        job_id = (await sent(client)).json()["id"]
        path = f"/v1/jobs/{job_id}"
        none = await asked(client, "agent-1", "GET", f"{path}/rejects")
        assert (none.status_code, none.json()["code"]) == (404, "job_rejects_none")
        with room.database.write() as connection:
            mine = claim(connection, "r1", room.now())
            assert mine is not None
            end(
                connection,
                mine,
                JobState.DONE,
                Pulse(1, 1, "好", "一\n二"),
                room.now(),
                exit_code=1,
            )
        (room.place.own(job_id) / "rejects.csv").write_text("file,row\n", "utf-8")
        log = await asked(client, "agent-1", "GET", f"{path}/log")
        assert log.text == "一\n二"
        assert log.headers["content-type"] == "text/plain; charset=utf-8"
        rejects = await asked(client, "agent-1", "GET", f"{path}/rejects")
        assert list(csv.reader(io.StringIO(rejects.text))) == [["file", "row"]]
        assert rejects.headers["cache-control"] == "no-store"
        over = await asked(client, "agent-1", "POST", f"{path}/cancel")
        assert (over.status_code, over.json()["code"]) == (409, "job_over")
        waiting = (await sent(client)).json()["id"]
        gone = await asked(client, "agent-1", "POST", f"/v1/jobs/{waiting}/cancel")
        assert gone.json()["state"] == "cancelled"
        missing = await asked(client, "agent-1", "GET", "/v1/jobs/J0/log")
        assert (missing.status_code, missing.json()["code"]) == (404, "job_unknown")

    run(go())
    # the first upload is the runner's to delete; the cancelled one is gone
    assert kept(room) == ["rejects.csv", "upload.csv"]
