"""Which lists a folder holds: their columns, what may be empty, and what points where.

Data only. `docs/data-standards.md` explains each list to the people who keep it. A column whose
name begins with `x_` is the keeper's own and is not read.
"""

from __future__ import annotations

from dataclasses import dataclass

VALID = ("valid_from", "valid_to")
RECORDED = ("recorded_from", "recorded_to")
SUCCESSOR = "successor"
"""The one reference whose target holds after its row, not during it."""
OWN_COLUMN = "x_"
SEPARATOR = ";"
"""Between the values of a cell that holds several."""

ACCEPTANCE_KINDS = frozenset({"decision", "transfer", "route"})
DISTRICT_KINDS = frozenset({"district", "county", "autonomous_county", "county_city"})
REGION_KINDS = DISTRICT_KINDS | {"city", "zone"}
UNIT_KINDS = frozenset(
    {"department", "institution", "district", "township", "utility", "vertical"}
    | {"statutory", "other"}
)
RELATIONS = frozenset({"exact", "broader", "narrower", "related", "none"})
BOOLEANS = frozenset({"true", "false"})
LEVELS = frozenset({"STATE", "CITY", "DISTRICT", "TOWNSHIP"})
POWERS = frozenset({"ENFORCEMENT", "LICENSING"})
STATUSES = frozenset({"verified", "to_be_confirmed"})
BOUNDARY_KINDS = frozenset({"road", "river", "bridge", "tunnel", "area", "zone", "border"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose value (or values, where `many`) must stand in `column` of `target`."""

    target: str
    column: str = "code"
    many: bool = False


@dataclass(frozen=True, slots=True)
class ListSpec:
    """One list: its file is `<name>.csv`, its key column comes first.

    `needed` are the codes without which the steps of the pipeline cannot run. A list that
    `may_be_absent` is empty where its file is.
    """

    name: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_be_empty: frozenset[str] = frozenset()
    allowed: tuple[tuple[str, frozenset[str]], ...] = ()
    references: tuple[tuple[str, Reference], ...] = ()
    needed: frozenset[str] = frozenset()
    may_be_absent: bool = False

    @property
    def key(self) -> str:
        """The column that identifies an entry."""
        return self.columns[0]

    @property
    def file(self) -> str:
        """The file's name in the folder."""
        return f"{self.name}.csv"

    @property
    def bitemporal(self) -> bool:
        """Whether rows also say when they were on record."""
        return RECORDED[0] in self.columns


_EMPTY = frozenset({*VALID, *RECORDED, "definition", "scope", "support"})


def _plain(name: str) -> ListSpec:
    return ListSpec(name, ("code", "name", "definition", *VALID), may_be_empty=_EMPTY)


LISTS = (
    _plain("boards"),
    ListSpec(
        "units",
        ("code", "name", "kind", "scope", *VALID),
        may_be_empty=_EMPTY,
        allowed=(("kind", UNIT_KINDS),),
    ),
    ListSpec(
        "topics",
        ("code", "l1", "l2", "scope", "board", "lead", "support", *VALID),
        may_be_empty=_EMPTY,
        references=(
            ("board", Reference("boards", "name")),
            ("lead", Reference("units")),
            ("support", Reference("units", many=True)),
        ),
    ),
    _plain("request_types"),
    ListSpec(
        "urgency_levels",
        ("level", "identifier", "name", "criterion", "deadline", *VALID),
        may_be_empty=_EMPTY,
        allowed=(("level", frozenset("01234")),),
        needed=frozenset("01234"),
    ),
    _plain("flags"),
    _plain("risk_flags"),
    _plain("reject_reasons"),
    _plain("channels"),
    ListSpec(
        "acceptance",
        ("code", "kind", "name", "definition", "automatic", *VALID),
        may_be_empty=_EMPTY,
        allowed=(("kind", ACCEPTANCE_KINDS), ("automatic", BOOLEANS)),
        needed=frozenset(
            {"ACCEPT", "EMERGENCY_HANDOFF", "STATUTORY_ROUTE", "OUT_OF_SCOPE", "MALICIOUS"}
        ),
    ),
    ListSpec(
        "regions",
        ("code", "name", "kind", "parent", *VALID, *RECORDED),
        optional=("national_code", "successor", "aliases"),
        may_be_empty=_EMPTY | {"parent"},
        allowed=(("kind", REGION_KINDS),),
        references=(("parent", Reference("regions")), (SUCCESSOR, Reference("regions"))),
    ),
    ListSpec(
        "townships",
        ("code", "name", "district", *VALID, *RECORDED),
        optional=("aliases",),
        may_be_empty=_EMPTY,
        references=(("district", Reference("regions")),),
    ),
    ListSpec("objects", ("code", "name", "words", *VALID), may_be_empty=_EMPTY, may_be_absent=True),
    ListSpec(
        "unit_words",
        ("code", "words", *VALID),
        may_be_empty=_EMPTY,
        references=(("code", Reference("units")),),
        may_be_absent=True,
    ),
    ListSpec(
        "duties",
        (
            *("code", "topics", "when", "unless", "region", "level", "lead", "support"),
            *("excluded", "power", "holder", "basis", "clause", "status", *VALID, "note"),
        ),
        may_be_empty=_EMPTY
        | {"when", "unless", "region", "excluded", "power", "holder", "basis", "note"},
        allowed=(("level", LEVELS), ("power", POWERS), ("status", STATUSES)),
        references=(
            ("lead", Reference("units")),
            ("support", Reference("units", many=True)),
            ("excluded", Reference("units", many=True)),
            ("holder", Reference("units")),
        ),
        may_be_absent=True,
    ),
    ListSpec(
        "bodies",
        ("code", "unit", "level", "region", "kind", "when", "name", "status", *VALID, "note"),
        may_be_empty=_EMPTY | {"region", "when", "note"},
        allowed=(("level", LEVELS), ("kind", UNIT_KINDS), ("status", STATUSES)),
        references=(("unit", Reference("units")),),
        may_be_absent=True,
    ),
    ListSpec(
        "boundaries",
        ("code", "name", "kind", "words", "sides", "townships", "joint", "status", *VALID, "note"),
        may_be_empty=_EMPTY | {"words", "townships", "note"},
        allowed=(("kind", BOUNDARY_KINDS), ("joint", BOOLEANS), ("status", STATUSES)),
        may_be_absent=True,
    ),
)

DISPATCH_LISTS = ("objects", "unit_words", "duties", "bodies", "boundaries")
"""The lists of the dispatch catalogue; a folder without them triages without it."""

SPECS = {spec.name: spec for spec in LISTS}
