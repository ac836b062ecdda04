from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TRIAGE = str(Path(sys.executable).with_name("triage"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("wrk") is None, reason="needs wrk (apt-get install wrk)")
def test_the_bench_measures_a_service_that_it_starts_itself(tmp_path: Path) -> None:
    (tmp_path / "current.json").write_text('{"version": "m1"}', "utf-8")
    command = [TRIAGE, "bench", "--debug-engine", "--models-dir", str(tmp_path)]
    command += ["--rounds", "1", "--seconds", "1", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "out" / "serving.json").read_bytes())
    assert document["model"] == "m1"
    assert document["per_second"] > 100
    assert len(document["resident_mib"]) == 1 + document["plan"]["workers"]
    assert (tmp_path / "out" / "serving.md").is_file()
