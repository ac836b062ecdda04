"""启动分诊服务 (serve the triage interface over HTTP).

Bound to 127.0.0.1 without keys by default. Any other address needs keys (`triage keys create`) or
tokens of a sign-in service, which callers send as `Authorization: Bearer …`. A first start with
`--auth keys` makes an administrator's key and shows it once. A newly published model takes over by
itself. Ctrl-C or SIGTERM finishes what is under way, then stops.

Example:
  triage serve --models-dir models
  triage serve --database postgresql://triage@127.0.0.1/triage
  triage serve --host 0.0.0.0 --port 8000 --auth keys --keys /etc/triage/keys.json

Exit code: 0 stopped as told, 2 refused to start.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from importlib.resources import files
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

from serving.address import reserved
from serving.arguments import rate
from serving.jwks import FileKeys
from serving.keys import default_keys_file
from serving.oidc import TokenRules, token_rules
from serving.settings import (
    ENV_METRICS,
    ENV_SETTINGS,
    OPEN311,
    OPEN311_OFF,
    POINTER,
    Limits,
    ServeSettings,
    StoreSettings,
)
from serving.start import AUTH, StartRefusal, asked_for, ready_keys
from serving.supervisor import Supervisor
from serving.uvicorn_config import server_config
from triage.errors import ArtifactError
from triage.store.key_file import default_key_file
from triage.store.location import default_index_dir, default_url

MAX_DEFAULT_WORKERS = 4


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
    add("--opendata", type=Path, metavar="DIR", help="已公布的开放数据的文件夹，默认不提供")
    add("--trends-dir", type=Path, metavar="DIR",
        default=Path(os.environ.get("TRIAGE_TRENDS_DIR", "var/trends")),
        help="诉求量和预测的文件夹，与 triage forecast --folder 相同，默认 var/trends")  # fmt: skip
    add("--database", default=default_url(), metavar="URL",
        help="工单的数据库，默认内置 sqlite:///runs/triage.db；none 只分诊不存")  # fmt: skip
    add("--vault-keys", type=Path, default=default_key_file(), metavar="FILE",
        help="保险库的密钥文件")  # fmt: skip
    add("--policy", type=Path, metavar="TOML", help="时限、退单、队列等政策，默认随包")
    add("--calendar", type=Path, metavar="CSV", help="本市的工作日历，默认按国务院放假通知")
    add("--notices", default="", metavar="TO",
        help="给诉求人的通知发往 file:文件夹，或短信网关的网址；默认只存不发")  # fmt: skip
    add("--webhooks-allow-private", action="store_true", help="允许外发到本机和内网地址")
    add("--jobs-dir", type=Path, default=os.environ.get("TRIAGE_JOBS_DIR"), metavar="DIR",
        help="后台任务的文件夹，与 triage jobs run 相同；默认没有任务和批量登记")  # fmt: skip
    add("--index-dir", default=default_index_dir(), metavar="DIR",
        help="相似工单索引的文件夹，默认 TRIAGE_INDEX_DIR 或 runs/index；none 不用")  # fmt: skip
    add("--open311", choices=OPEN311, default=OPEN311_OFF,
        help="Open311 接口：on 不公开描述，text 公开脱敏后的描述；默认 off")  # fmt: skip
    add("--settings", type=Path, metavar="TOML", help="各步骤的开关和阈值，默认随包")
    add("--auth", choices=AUTH,
        help="none 只限本机；oidc 收令牌，both 两者都收；默认：本机 none，其他 keys")  # fmt: skip
    add("--keys", type=Path, default=default_keys_file(), metavar="FILE", help="密钥文件")
    add("--oidc-issuer", default="", metavar="URL", help="令牌的签发方（iss）")
    add("--oidc-audience", default="", metavar="NAME", help="令牌须是给谁的（aud）")
    add("--oidc-keys", default="", metavar="JWKS", help="签发方的公钥：JWKS 文件，或 https 地址")
    add("--oidc-names", type=Path, metavar="TOML", help="令牌里的声明和角色怎么叫，默认同本服务")
    add(
        "--trusted-proxy",
        type=_network,
        metavar="ADDR",
        help="信任这个地址的反向代理送来的 X-Forwarded-For",
    )
    add("--max-in-flight", type=_positive, default=limits.in_flight, metavar="N",
        help="每个工作进程同时处理的请求数，超出即答 503")  # fmt: skip
    add("--rate-limit", type=rate, metavar="R", help="每个密钥（每进程）每秒请求数，超出即答 429")
    add("--body-timeout", type=rate, default=limits.body_seconds, metavar="S",
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
    if settings.store is not None:
        prepare(settings.store)
    with reserved(args.host, args.port) as address, TemporaryDirectory("-triage-metrics") as folder:
        os.environ[ENV_SETTINGS] = settings.to_env()
        os.environ[ENV_METRICS] = folder
        ready = f"诉求分诊服务已就绪：{address.url}（{args.workers} 个进程，Ctrl-C 停止）"
        supervisor = Supervisor(
            server_config(
                workers=args.workers,
                access_log=args.access_log,
                trusted_proxy=args.trusted_proxy,
            ),
            address,
            metrics_dir=Path(folder),
            when_ready=lambda: print(ready, flush=True),
        )
        supervisor.run()
    if supervisor.has_failed:
        _explain(settings)
    return 0


def _settings(args: argparse.Namespace) -> ServeSettings:
    models_dir = _models_dir(args.models_dir)
    auth = asked_for(args.auth, args.host)
    tokens = _token_rules(args) if auth in ("oidc", "both") else None
    wants_keys = auth in ("keys", "both")
    return ServeSettings(
        models_dir=models_dir,
        catalogue_dir=args.catalogue.absolute() if args.catalogue else None,
        opendata_dir=args.opendata.absolute() if args.opendata else None,
        trends_dir=args.trends_dir.absolute(),
        settings_file=args.settings.absolute() if args.settings else None,
        keys_file=ready_keys(args.keys, args.host, terminal=sys.stderr) if wants_keys else None,
        tokens=tokens,
        store=_store(args),
        limits=Limits(
            in_flight=args.max_in_flight,
            body_seconds=args.body_timeout,
            rate_per_second=args.rate_limit,
        ),
        noop_route=args.noop_route,
        debug_engine=args.debug_engine,
    )


def prepare(store: StoreSettings) -> None:
    """Make the store ready, before any worker opens it."""
    # Loaded only now: SQLAlchemy takes a moment, and triage alone needs none of it.
    from triage.store.preparing import prepare_store

    prepare_store(store.url, Path(store.vault_keys))


def _store(args: argparse.Namespace) -> StoreSettings | None:
    if args.database == "none":
        return None
    return StoreSettings(
        _absolute_url(args.database),
        str(args.vault_keys.absolute()),
        str(args.policy.absolute()) if args.policy else None,
        str(args.calendar.absolute()) if args.calendar else None,
        _absolute_folder(args.notices),
        args.webhooks_allow_private,
        str(args.jobs_dir.absolute()) if args.jobs_dir else None,
        args.open311,
        None if args.index_dir == "none" else str(Path(args.index_dir).absolute()),
    )


def _absolute_folder(to: str) -> str:
    """Return where notices go with a folder that holds from anywhere."""
    folder = to.removeprefix("file:")
    return to if folder == to or not folder else f"file:{Path(folder).absolute()}"


def _absolute_url(url: str) -> str:
    """Return the URL with a path that holds from any folder."""
    path = url.removeprefix("sqlite:///")
    return url if path == url or path.startswith("/") else f"sqlite:///{Path(path).absolute()}"


def _models_dir(path: Path) -> Path:
    if not (path / POINTER).is_file():
        raise ArtifactError(
            f"模型文件夹 {path} 中没有 {POINTER}；"
            "请用 --models-dir 或 TRIAGE_MODELS_DIR 指定已发布模型的文件夹"
        )
    return path.absolute()


def _token_rules(args: argparse.Namespace) -> TokenRules:
    rules = token_rules(args.oidc_issuer, args.oidc_audience, args.oidc_keys, args.oidc_names)
    if not rules.is_remote:
        path = Path(rules.keys).absolute()
        FileKeys(path)  # refused here, where the error can be shown once
        rules = replace(rules, keys=str(path))
    return rules


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


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"应为 IP 地址或网段，收到 {text}") from None


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"应为正整数，收到 {text}")
    return int(text)
