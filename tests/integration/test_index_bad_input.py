"""An index that was cut short, is another's or says nonsense: `triage index` and the service.

Nothing is lost by it: the service answers out of the ledger, and the next build puts it right.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.engine import Fixed
from serving.finder import Finder
from triage.commands import index as command
from triage.desk.indexing import LEAST
from triage.desk.neighbours import Neighbours
from triage.desk.sight import Sight
from triage.index import Snapshots
from triage.request import Json, Versions
from triage.store.database import Database
from triage.store.ledger import append
from triage.workorder.events import Event, Kind

if TYPE_CHECKING:
    from desks import Desk

ENGINE = DebugPipeline(Versions("m", "c", "r"), DebugLists())
TEXT = "金竹苑三栋楼下的水管爆裂，水漫到马路上"
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
Run = Callable[..., int]


@pytest.fixture
def sight(plain_sight: Callable[..., Sight]) -> Sight:
    return plain_sight()


@pytest.fixture
def index(
    triage: Run, database: Database, sight: Sight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Return `index("build")` over a database, with a sight that needs no model."""
    monkeypatch.setattr(command, "load_sight", lambda models_dir: sight)
    url = database.url.render_as_string(hide_password=False)
    return lambda word, folder=tmp_path / "ix": triage(
        "index", word, "--database", url, "--index-dir", folder
    )


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _said(**facts: Json) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "manifest.json"
        said = json.loads(path.read_text("utf-8"))
        said["schema"] = facts.get("schema", said["schema"])
        said["facts"] |= {name: value for name, value in facts.items() if name != "schema"}
        path.write_text(json.dumps(said), "utf-8")

    return change


DAMAGE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "vectors cut short": (lambda folder: _cut(folder / "vectors.faiss"), "index_damaged"),
    "manifest cut short": (lambda folder: _cut(folder / "manifest.json"), "index_damaged"),
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "index_missing"),
    "no end": (
        lambda folder: (folder / "manifest.json").write_text("[" * 200_000),
        "index_damaged",
    ),
    "other encoder": (_said(encoder="plain-2"), "index_other_encoder"),
    "other width": (_said(dimensions=3), "index_other_encoder"),
    "other version": (_said(schema=2), "index_other_version"),
    "other ledger": (_said(mark={"position": LEAST, "hash": "00"}), "index_other_ledger"),
    "a word for a number": (_said(probes="many"), "index_damaged"),
    "a word for a place": (_said(mark={"position": "x", "hash": "00"}), "index_damaged"),
    "another count": (_said(count=5), "index_damaged"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DAMAGE)
def test_a_bad_snapshot_is_named_passed_over_and_built_again(
    index: Run,
    desk: Desk,
    sight: Sight,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    change, code = DAMAGE[name]
    database = desk.office.database
    order = desk.taken(TEXT)
    with database.write() as connection:
        append(
            connection,
            [
                Event(f"A{n:05d}", Kind.INTAKE, AT, "t", {"title": "", "text": f"{n}号井盖坏"})
                for n in range(LEAST)
            ],
        )
    assert index("build") == 0
    (folder,) = (tmp_path / "ix" / sight.version).glob("0*")
    change(folder)
    capsys.readouterr()
    assert index("verify") == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{code}：")
    assert "请运行 triage index build" in said
    assert index("status") == 0
    snapshots = Snapshots(tmp_path / "ix", sight.version, sight.dimensions)
    asks: list[None] = []
    neighbours = Neighbours(database, snapshots, sight, lambda: asks.append(None))
    neighbours.follow()
    assert asks
    assert len(neighbours.view.index) == LEAST + 1
    for door in ("/v1/similar", "/v1/triage"):
        assert _asked(desk, neighbours, door)[0] == order.id
    assert index("build") == 0
    assert index("verify") == 0
    neighbours.follow()
    assert neighbours.view.index.segment is not None
    assert _asked(desk, neighbours, "/v1/similar")[0] == order.id


def _asked(desk: Desk, neighbours: Neighbours, door: str) -> list[str]:
    app = create_app(
        Fixed(ENGINE), office=desk.office, finder=Finder(neighbours, desk.office.identity)
    )

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            return await http.post(door, json={"id": "n", "text": TEXT})

    answer = asyncio.run(once())
    assert answer.status_code == 200
    return [one["id"] for one in answer.json()["similar"]]


def test_a_file_in_the_place_of_the_folder_is_refused_and_left_alone(
    index: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine", "utf-8")
    for folder in (file, file / "below"):
        assert index("build", folder) == 2
        error = capsys.readouterr().err
        assert "--index-dir" in error
        assert "[file_unusable]" in error
        assert index("verify", folder) == 1
        assert "没有编码器 plain-1 的快照" in capsys.readouterr().err
    assert file.read_text("utf-8") == "mine"
