"""`triage clerk --once`: what is due is done, notices leave, and the lease is given back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from triage.desk.moves import Wish
from triage.outgoing.setting_up import SECRET
from triage.store.outgoing_tables import lease
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk


def test_what_is_due_is_done_once(
    triage: Callable[..., int], desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = desk.go(
        desk.taken(requester={"phone": "13800000000"}).id,
        Wish("REPLIED", note="油烟问题已要求商家整改完毕，现场复查合格"),
        Wish("FOLLOWED_UP", reason="SATISFIED"),
    ).id
    url = desk.office.database.url.render_as_string(hide_password=False)
    keys, out = tmp_path / "vault.json", tmp_path / "notices"
    words = ("clerk", "--once", "--database", url, "--vault-keys", keys, "--notices", f"file:{out}")
    assert triage(*words) == 0
    assert "close 1" in capsys.readouterr().err
    assert desk.order(order_id).state is State.CLOSED
    assert len(list(out.iterdir())) == 4  # received, replied, followed up, closed
    with desk.office.database.read() as connection:
        assert connection.execute(select(lease)).all() == []
    assert triage(*words) == 0
    assert "没有到点的" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("to", "said"),
    [("mail:me", "file:文件夹"), ("https://sms.example/", SECRET), ("http://10.0.0.1/", "内网")],
)
def test_a_way_for_notices_that_cannot_be_used_is_refused(
    triage: Callable[..., int],
    desk: Desk,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    to: str,
    said: str,
) -> None:
    url = desk.office.database.url.render_as_string(hide_password=False)
    keys = tmp_path / "vault.json"
    words = ("clerk", "--once", "--database", url, "--vault-keys", keys, "--notices", to)
    assert triage(*words) == 2
    assert said in capsys.readouterr().err
