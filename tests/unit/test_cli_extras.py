"""A command whose extra is not installed says which one, in a line and with exit code 2."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from triage import cli


@pytest.mark.parametrize(("command", "extra"), [("forecast", "forecast"), ("train", "train")])
def test_a_missing_extra_is_named(
    command: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def without(point: EntryPoint) -> object:
        raise ModuleNotFoundError("no such library", name="sklearn.linear_model")

    monkeypatch.setattr(EntryPoint, "load", without)
    assert cli.main([command]) == 2
    said = capsys.readouterr().err
    assert "缺少 sklearn.linear_model" in said
    assert f"citizen-triage[{extra}]" in said
    assert "Traceback" not in said


def test_a_module_of_this_project_that_is_gone_is_a_defect_and_not_an_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without(point: EntryPoint) -> object:
        raise ModuleNotFoundError("gone", name="training.nothing")

    monkeypatch.setattr(EntryPoint, "load", without)
    with pytest.raises(ModuleNotFoundError):
        cli.main(["train"])
