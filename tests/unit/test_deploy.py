"""Every command that runs on and on has a systemd unit, and every unit starts what there is."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy").glob("*.service"))
COMMANDS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
MODULES: dict[str, str] = COMMANDS["triage.commands"]
SETTINGS = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / "deploy/triage.env").read_text("utf-8"), re.M))
GOES_ON = re.compile(r"\bsleep\(|\bKeyboardInterrupt\b|\buvicorn\b|\bsupervise\(")
"""What a command that goes on until it is told to stop cannot do without."""


def started(unit: Path) -> list[str]:
    """Return the words of a unit's command, after the program."""
    [line] = re.findall(r"^ExecStart=(.*?[^\\])$", unit.read_text("utf-8"), re.M | re.S)
    return shlex.split(line.replace("\\\n", " "))[1:]


def parser_of(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=command, exit_on_error=False)
    if MODULES[command].startswith("training."):
        pytest.importorskip("statsforecast", reason="fitting needs the forecast extra")
    importlib.import_module(MODULES[command]).add_arguments(parser)
    return parser


def going_on() -> Iterator[str]:
    for command, module in MODULES.items():
        room, *rest = module.split(".")
        if room in ("triage", "serving"):
            source = (ROOT / room / "/".join(rest)).with_suffix(".py").read_text("utf-8")
            if GOES_ON.search(source):
                yield command


def test_every_command_that_goes_on_has_a_unit() -> None:
    found = set(going_on()) | {"serve"}
    assert {"clerk", "jobs", "shadow"} <= found
    assert found - {started(unit)[0] for unit in UNITS} == set()


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_with_arguments_that_it_takes(unit: Path) -> None:
    command, *words = started(unit)
    taken = [re.sub(r"\$\{(\w+)\}", lambda found: SETTINGS[found[1]], word) for word in words]
    parser_of(command).parse_args(taken)  # raises where it does not


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_is_confined_and_named_in_the_operations_guide(unit: Path) -> None:
    lines = unit.read_text("utf-8").splitlines()
    assert {"User=triage", "NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(lines)
    assert any(line.startswith("MemoryMax=") for line in lines)
    assert f"| `{unit.stem}` |" in (ROOT / "docs/operations.md").read_text("utf-8")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_what_is_started_once_has_a_timer_and_what_goes_on_is_wanted(unit: Path) -> None:
    text = unit.read_text("utf-8")
    timer = unit.with_suffix(".timer")
    if "Type=oneshot" in text:
        assert "--once" in started(unit) or started(unit)[0] not in set(going_on())
        assert "WantedBy=timers.target" in timer.read_text("utf-8")
    else:
        assert "WantedBy=multi-user.target" in text
        assert "Restart=on-failure" in text
        assert not timer.exists()


def test_every_log_that_a_unit_writes_is_rotated_for_half_a_year() -> None:
    rotation = (ROOT / "deploy/logrotate.conf").read_text("utf-8")
    logs = {path for unit in UNITS for path in re.findall(r"append:(\S+)", unit.read_text("utf-8"))}
    assert {str(Path(path).parent) for path in logs} == {"/var/log/triage"}
    assert "/var/log/triage/*.log {" in rotation
    assert all(int(days) >= 184 for days in re.findall(r"(?:rotate|maxage) (\d+)", rotation))


@pytest.mark.parametrize(
    "unit", sorted((ROOT / "deploy").glob("triage-forecast*.service")), ids=lambda path: path.name
)
def test_a_forecast_that_found_the_counts_busy_is_tried_again_but_not_for_ever(unit: Path) -> None:
    general, service = unit.read_text("utf-8").split("[Service]")
    assert "\nRestart=on-failure\nRestartSec=5min\n" in service
    [burst] = re.findall(r"^StartLimitBurst=(\d+)$", general, re.M)
    [within] = re.findall(r"^StartLimitIntervalSec=(\d+)h$", general, re.M)
    assert 2 <= int(burst) <= int(within) * 12  # at one in five minutes the cap is reached
    assert int(within) < 24  # and forgotten when the timer comes round


@pytest.mark.parametrize("name", ["forecast", "forecast-select"])
def test_a_forecast_on_many_cores_keeps_within_its_memory(name: str) -> None:
    unit = ROOT / f"deploy/triage-{name}.service"
    words = started(unit)
    jobs = int(words[words.index("--jobs") + 1])
    speed = json.loads((ROOT / "evaluation/results/forecast_speed.json").read_text("utf-8"))
    [most] = re.findall(r"^MemoryMax=(\d+)G$", unit.read_text("utf-8"), re.M)
    assert (jobs + 1) * speed["peak_mib_of_a_process"] < int(most) * 1024 / 2  # half is for data
