"""The kinds of job: one table from a kind to the words of a `triage` command, and nothing else.

There is no shell and no free word: every argument is of a declared type, and files lie in the jobs'
folder. Secrets (the database's address) go by environment, so that no process list shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from triage.desk.job_arguments import JobRefused, Reader, choice, files, flag, output, word
from triage.request import Json
from triage.store.jobs import Job

UPLOAD, REJECTS = "upload", "rejects.csv"
"""In a job's own folder: what was sent with it (the suffix tells the format), what was refused."""
_ENTERS = frozenset({"agent", "dispatcher", "administrator"})
_LEARNS = frozenset({"analyst", "administrator"})


@dataclass(frozen=True, slots=True)
class JobPlace:
    """Where jobs work: their folder, the published models, the database's address.

    `city` are the city's own files by the option that names them (catalogue, policy, …).
    """

    folder: Path
    models_dir: Path
    database_url: str
    city: Mapping[str, Path] = field(default_factory=dict)

    def own(self, job_id: str) -> Path:
        """Return the folder of one job."""
        return self.folder / job_id

    def city_words(self, *options: str) -> list[str]:
        """Return the words that name those of the city's files that there are."""
        return [f"--{name}={self.city[name]}" for name in options if name in self.city]

    def environment(self) -> dict[str, str]:
        """Return what a job's process is told beside its words."""
        return {
            "TRIAGE_DATABASE_URL": self.database_url,
            "TRIAGE_MODELS_DIR": str(self.models_dir),
        }


def _nothing(job: Job, place: JobPlace) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind.

    `readers` say how each argument is read into words; `roles` who may ask for it. A job that is
    resumable is begun again where its runner died: doing its work twice changes nothing.
    """

    command: str
    readers: Mapping[str, Reader]
    required: frozenset[str]
    roles: frozenset[str]
    is_resumable: bool = False
    more: Callable[[Job, JobPlace], list[str]] = _nothing

    def words(self, arguments: Mapping[str, Json], folder: Path) -> list[str]:
        """Return the words for these arguments.

        Raises
        ------
        JobRefused
            job_argument: one is missing, unknown, of another type, or leads out of the folder.
        """
        for name in arguments:
            if name not in self.readers:
                raise JobRefused(
                    "job_argument",
                    f"任务没有参数 {name!r}；可用：{'、'.join(self.readers)}",
                    field=f"arguments.{name}",
                )
        for name in sorted(self.required - arguments.keys()):
            raise JobRefused("job_argument", f"缺少参数 {name}", field=f"arguments.{name}")
        found: list[str] = []
        for name, read in self.readers.items():
            if arguments.get(name) is not None:
                found += read(name, arguments[name], folder)
        return found


def _of_intake(job: Job, place: JobPlace) -> list[str]:
    rejects = place.own(job.id) / REJECTS
    city = place.city_words("catalogue", "policy", "calendar", "settings")
    return [f"--rejects={rejects}", f"--actor={job.created_by}", "--progress-lines", *city]


def _of_forecast(job: Job, place: JobPlace) -> list[str]:
    city = place.city_words("catalogue", "calendar")
    return ["--from-store", "--stored", "--progress-lines", *city]


def _of_choice(job: Job, place: JobPlace) -> list[str]:
    city = place.city_words("catalogue", "calendar")
    return ["select", "--from-store", "--progress-lines", *city]


def _of_import(job: Job, place: JobPlace) -> list[str]:
    return ["--progress-lines", *place.city_words("catalogue")]


KINDS: Mapping[str, JobKind] = MappingProxyType(
    {
        "import": JobKind(
            "import",
            {
                "out": output("--out", ".jsonl"),
                "strict_codes": flag("--strict-codes"),
                "files": files(""),
            },
            frozenset({"files", "out"}),
            _LEARNS,
            is_resumable=True,
            more=_of_import,
        ),
        "intake": JobKind(
            "intake",
            {"source": word("--source"), "files": files("")},
            frozenset({"files"}),
            _ENTERS,
            is_resumable=True,
            more=_of_intake,
        ),
        "forecast": JobKind(
            "forecast",
            {"horizon": word("--horizon"), "hourly": flag("--hourly")},
            frozenset(),
            _LEARNS,
            is_resumable=True,
            more=_of_forecast,
        ),
        "forecast-select": JobKind(
            "forecast",
            {"all": flag("--all")},
            frozenset(),
            _LEARNS,
            is_resumable=True,
            more=_of_choice,
        ),
        "train": JobKind(
            "train",
            {
                "data": files("--data"),
                "out": output("--out", ""),
                "recipe": word("--recipe"),
                "name": word("--name"),
                "split": choice("--split", "group", "time"),
            },
            frozenset({"data", "out"}),
            _LEARNS,
        ),
        "retrain": JobKind(
            "retrain",
            {
                "data": files("--data"),
                "held_out": files("--held-out"),
                "out": output("--out", ""),
                "recipe": word("--recipe"),
                "name": word("--name"),
            },
            frozenset({"data", "held_out", "out"}),
            _LEARNS,
        ),
    }
)
"""Every kind of job by name."""


def kind_of(name: str) -> JobKind:
    """Return a kind.

    Raises
    ------
    JobRefused
        job_kind_unknown.
    """
    if name not in KINDS:
        raise JobRefused(
            "job_kind_unknown", f"没有 {name!r} 这种任务；可用：{'、'.join(KINDS)}", field="kind"
        )
    return KINDS[name]


def words_of(job: Job, place: JobPlace) -> list[str]:
    """Return what follows `triage` to do a job; own options first, files last.

    Raises
    ------
    JobRefused
        The table has changed since the job was queued.
    """
    kind = kind_of(job.kind)
    return [kind.command, *kind.more(job, place), *kind.words(job.arguments, place.folder)]


def rejects_of(job: Job, place: JobPlace) -> Path:
    """Return where the rows that a job refused are, whether there are any or not."""
    out = job.arguments.get("out")
    if job.kind == "import" and isinstance(out, str):
        return (place.folder / out).with_name(f"{Path(out).stem}.rejects.csv")
    return place.own(job.id) / REJECTS


def forget_upload(job: Job, place: JobPlace) -> None:
    """Delete what was sent with a job that is over: personal data is in it."""
    for path in place.own(job.id).glob(f"{UPLOAD}.*"):
        path.unlink(missing_ok=True)
