"""启动分诊服务 (serve the triage interface over HTTP).

Bound to 127.0.0.1 without keys by default. Any other address needs keys (`triage keys create`),
which callers send as `Authorization: Bearer KEY`. A newly published model takes over by itself.
Ctrl-C or SIGTERM finishes what is under way, then stops.

Example:
  triage serve --models-dir models
  triage serve --host 0.0.0.0 --port 8000 --auth keys --keys /etc/triage/keys.json

Exit code: 0 stopped as told, 2 refused to start.
"""

from __future__ import annotations

import argparse
import os
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from serving.address import is_loopback, reserved
from serving.keys import default_keys_file, read_keys
from serving.settings import ENV_METRICS, ENV_SETTINGS, POINTER, Limits, ServeSettings
from serving.supervisor import Supervisor
from serving.uvicorn_config import server_config
from triage.errors import ArtifactError, TriageError

MAX_DEFAULT_WORKERS = 4


class StartRefusal(TriageError):
    """A service that must not or cannot start."""

    code = "serve_refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    cores = len(os.sched_getaffinity(0))
    models = os.environ.get("TRIAGE_MODELS_DIR", "models")
    limits = Limits()
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="监听地址，默认 127.0.0.1")
    add("--port", type=_port, default=8000, help="端口，默认 8000；0 为任选一个空闲端口")
    add("--workers", type=_positive, default=min(cores, MAX_DEFAULT_WORKERS), help="工作进程数")
    add("--models-dir", type=Path, default=Path(models), metavar="DIR", help="模型文件夹")
    add("--catalogue", type=Path, metavar="DIR", help="代码表文件夹，默认随包")
    add("--settings", type=Path, metavar="TOML", help="各步骤的开关和阈值，默认随包")
    add("--auth", choices=("none", "keys"), help="none 只限本机；默认：本机 none，其他地址 keys")
    add("--keys", type=Path, default=default_keys_file(), metavar="FILE", help="密钥文件")
    add("--max-in-flight", type=_positive, default=limits.in_flight, metavar="N",
        help="每个工作进程同时处理的请求数，超出即答 503")  # fmt: skip
    add("--rate-limit", type=_rate, metavar="R", help="每个密钥（每进程）每秒请求数，超出即答 429")
    add("--body-timeout", type=_rate, default=limits.body_seconds, metavar="S",
        help="请求体须在几秒内到齐")  # fmt: skip
    add("--access-log", action="store_true", help="逐条记录访问日志（地址与状态，不含内容）")
    add("--openapi", action="store_true", help="只打印 OpenAPI 文档")
    add("--debug-engine", action="store_true", help=argparse.SUPPRESS)
    add("--noop-route", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    if args.openapi:
        print(files("serving").joinpath("openapi.json").read_text("utf-8"), end="")
        return 0
    settings = _settings(args)
    with reserved(args.host, args.port) as address, TemporaryDirectory("-triage-metrics") as folder:
        os.environ[ENV_SETTINGS] = settings.to_env()
        os.environ[ENV_METRICS] = folder
        ready = f"诉求分诊服务已就绪：{address.url}（{args.workers} 个进程，Ctrl-C 停止）"
        supervisor = Supervisor(
            server_config(workers=args.workers, access_log=args.access_log),
            address,
            metrics_dir=Path(folder),
            when_ready=lambda: print(ready, flush=True),
        )
        supervisor.run()
    if supervisor.has_failed:
        _explain(settings)
    return 0


def _settings(args: argparse.Namespace) -> ServeSettings:
    return ServeSettings(
        models_dir=_models_dir(args.models_dir),
        catalogue_dir=args.catalogue.absolute() if args.catalogue else None,
        settings_file=args.settings.absolute() if args.settings else None,
        keys_file=_keys_file(args),
        limits=Limits(
            in_flight=args.max_in_flight,
            body_seconds=args.body_timeout,
            rate_per_second=args.rate_limit,
        ),
        noop_route=args.noop_route,
        debug_engine=args.debug_engine,
    )


def _models_dir(path: Path) -> Path:
    if not (path / POINTER).is_file():
        raise ArtifactError(
            f"模型文件夹 {path} 中没有 {POINTER}；"
            "请用 --models-dir 或 TRIAGE_MODELS_DIR 指定已发布模型的文件夹"
        )
    return path.absolute()


def _keys_file(args: argparse.Namespace) -> Path | None:
    """Decide whether keys are asked for; an address that others can reach is never open."""
    local = is_loopback(args.host)
    if args.auth == "none" and not local:
        raise StartRefusal(f"--auth none 只能用于本机地址；监听 {args.host} 须用 --auth keys")
    if args.auth != "keys" and local:
        return None
    path: Path = args.keys
    if not read_keys(path):
        raise StartRefusal(
            f"监听 {args.host} 需要访问密钥，但 {path} 中没有；"
            f"请先运行 triage keys create 名称 --keys {path}"
        )
    return path.absolute()


def _explain(settings: ServeSettings) -> None:
    """Say why no worker could start: load the model here, where the error can be shown once."""
    # Loaded only now: the parent process otherwise needs neither the model nor NumPy.
    from serving.loading import load_engine

    load_engine(settings)
    raise StartRefusal("工作进程未能启动；原因见上面的日志")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"端口应为 0–65535 的整数，收到 {text}")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"应为正整数，收到 {text}")
    return int(text)


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"应为正数，收到 {text}")
    return value
