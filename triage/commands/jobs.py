"""执行后台任务：导入、批量登记、训练 (do queued jobs, each in a process of its own).

    triage jobs run --database postgresql://triage@db/triage --folder var/jobs
    triage jobs run --once
    triage jobs list --state running

任务由接口 /v1/jobs 提交，文件都在 --folder 里。可以同时运行几个执行者，一个任务只由一个做；
执行者中断一分钟后，能重做的任务重新排队，其余记为失败。Ctrl-C 或 SIGTERM：停下手上的任务再退出。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from triage.commands.opening import add_database, opened_current
from triage.desk.job_kinds import JobPlace
from triage.desk.job_runner import run_next
from triage.desk.jobs import JobRoom
from triage.errors import UnusableFile
from triage.store.database import Database, StoreUnavailable
from triage.store.jobs import JobState, page

PAUSE_SECONDS = 1.0
CITY = {
    "catalogue": "本市的代码表文件夹",
    "policy": "本市的时限政策",
    "calendar": "本市的工作日历",
    "settings": "各步骤的开关和阈值",
}


def default_folder() -> Path:
    """Return TRIAGE_JOBS_DIR, or `jobs` in the working folder's `var`."""
    return Path(os.environ.get("TRIAGE_JOBS_DIR", "var/jobs"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(required=True)
    run_ = actions.add_parser("run", help="执行排队的任务")
    run_.add_argument("--folder", type=Path, default=default_folder(), metavar="DIR",
        help="任务的文件夹，默认取 TRIAGE_JOBS_DIR，再默认 var/jobs")  # fmt: skip
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    run_.add_argument("--models-dir", type=Path, default=models, metavar="DIR")
    for name, what in CITY.items():
        run_.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"{what}，与服务相同")
    run_.add_argument("--once", action="store_true", help="做完已排队的即退出；默认一直运行")
    add_database(run_)
    run_.set_defaults(action=_run)
    list_ = actions.add_parser("list", help="列出最近的任务")
    list_.add_argument("--state", type=JobState, choices=list(JobState))
    add_database(list_)
    list_.set_defaults(action=_list)


def run(args: argparse.Namespace) -> int:
    """Carry out the action."""
    return int(args.action(args))


def _run(args: argparse.Namespace) -> int:
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, frame: stopping.append(got))
    with opened_current(args.database) as database:
        room = _room(args, database)
        runner = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        while not stopping:
            if _one(room, runner, stopping, is_patient=not args.once):
                continue
            if args.once:
                break
            time.sleep(PAUSE_SECONDS)
    return 0


def _one(room: JobRoom, runner: str, stopping: list[int], *, is_patient: bool) -> bool:
    try:
        done = run_next(room, runner, is_stopping=lambda: bool(stopping))
    except StoreUnavailable as error:
        if not is_patient:
            raise
        print(error.message, file=sys.stderr)
        return False
    if done is not None:
        print(f"{done.id} {done.kind}", file=sys.stderr)
    return done is not None


def _room(args: argparse.Namespace, database: Database) -> JobRoom:
    folder = args.folder.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableFile(f"无法创建任务文件夹 {folder}：{error.strerror}") from error
    url = database.url.render_as_string(hide_password=False)
    if database.is_embedded and database.url.database:
        url = f"sqlite:///{Path(database.url.database).absolute()}"
    given = {name: getattr(args, name) for name in CITY}
    city = {name: path.absolute() for name, path in given.items() if path is not None}
    place = JobPlace(folder, args.models_dir.absolute(), url, city)
    return JobRoom(database, place, lambda: datetime.now(UTC))


def _list(args: argparse.Namespace) -> int:
    with opened_current(args.database) as database, database.read() as connection:
        for one in page(connection, state=args.state):
            how_far = f"{one.done}/{one.total}" if one.total else ""
            print(f"{one.id}\t{one.kind}\t{one.state}\t{how_far}\t{one.message}")
    return 0
