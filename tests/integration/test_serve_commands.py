from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest

from triage.cli import main


def run(*words: str) -> int:
    try:
        return main(words)
    except SystemExit as stop:  # argparse's own refusals
        return int(stop.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "current.json").write_text('{"version": "m1"}', "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--host", "0.0.0.0"), "需要访问密钥"),
        (("--host", "::"), "需要访问密钥"),
        (("--host", "0.0.0.0", "--auth", "none"), "只能用于本机"),
        (("--auth", "keys"), "需要访问密钥"),
        (("--auth", "both", "--oidc-issuer", "i"), "--oidc-audience"),
        (("--auth", "oidc"), "--oidc-issuer"),
        (
            (
                "--auth",
                "oidc",
                "--oidc-issuer",
                "i",
                "--oidc-audience",
                "a",
                "--oidc-keys",
                "nowhere.json",
            ),
            "无法读取公钥文件",
        ),
        (("--trusted-proxy", "*"), "IP 地址或网段"),
        (("--models-dir", "nowhere"), "没有 current.json"),
        (("--port", "70000"), "0–65535"),
        (("--port", "x"), "0–65535"),
        (("--workers", "0"), "正整数"),
        (("--rate-limit", "-1"), "正数"),
        (("--body-timeout", "nan"), "正数"),
    ],
)
def test_an_unsafe_or_impossible_start_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    base = ("serve", "--models-dir", str(folder), "--keys", str(folder / "keys.json"))
    assert run(*base, *options) == 2
    assert words in capsys.readouterr().err


def test_a_damaged_key_file_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "keys.json").write_text("{", "utf-8")
    base = ("serve", "--models-dir", str(folder), "--keys", str(folder / "keys.json"))
    assert run(*base, "--auth", "keys") == 2
    assert "不是密钥文件" in capsys.readouterr().err


def test_a_taken_port_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run("serve", "--models-dir", str(folder), "--port", str(port)) == 2
    assert "已被占用" in capsys.readouterr().err


def test_the_openapi_document_is_printed_without_a_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("serve", "--openapi") == 0
    assert json.loads(capsys.readouterr().out)["openapi"].startswith("3.1")


def test_keys_are_made_listed_and_revoked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = str(tmp_path / "keys.json")
    assert run("keys", "create", "渝中区", "--keys", keys) == 0
    made = capsys.readouterr()
    assert re.fullmatch(r"ctk_[\w-]{43}\n", made.out)
    assert "只显示这一次" in made.err
    assert run("keys", "list", "--json", "--keys", keys) == 0
    assert [item["name"] for item in json.loads(capsys.readouterr().out)] == ["渝中区"]
    assert run("keys", "list", "--keys", keys) == 0
    assert "渝中区" in capsys.readouterr().out
    assert run("keys", "revoke", "渝中区", "--keys", keys) == 0
    assert run("keys", "revoke", "渝中区", "--keys", keys) == 2
    assert "没有名为" in capsys.readouterr().err


def test_a_key_is_made_with_its_rights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = str(tmp_path / "keys.json")
    rights = ("--role", "handler", "--role", "dispatcher", "--unit", "URBAN_MGMT")
    more = ("--region", "500103", "--expires", "2099-12-31", "--rate", "5")
    assert run("keys", "create", "渝中城管", *rights, *more, "--keys", keys) == 0
    secret = capsys.readouterr().out.strip()
    assert run("keys", "list", "--json", "--keys", keys) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row.pop("created_at")
    assert row == {
        "name": "渝中城管",
        "roles": ["dispatcher", "handler"],
        "units": ["URBAN_MGMT"],
        "regions": ["500103"],
        "expires_on": "2099-12-31",
        "rate": 5.0,
    }
    assert run("keys", "list", "--keys", keys) == 0
    shown = capsys.readouterr().out
    assert "dispatcher,handler  单位 URBAN_MGMT  区域 500103  到期 2099-12-31  每秒 5 次" in shown
    assert secret not in shown


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--role", "boss"), "'boss' 不认识"),
        (("--role", "handler"), "须写明承办单位"),
        (("--unit", "NOBODY"), "'NOBODY' 不在代码表"),
        (("--region", "渝中区"), "'渝中区' 不在代码表"),
        (("--expires", "2020-01-01"), "已过"),
        (("--expires", "soon"), "应为日期"),
        (("--rate", "0"), "正数"),
    ],
)
def test_unsound_rights_make_no_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    keys = tmp_path / "keys.json"
    assert run("keys", "create", "a", *options, "--keys", str(keys)) == 2
    assert words in capsys.readouterr().err
    assert not keys.exists()
