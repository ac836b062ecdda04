"""Errors that a user can act on: what was wrong, the value, and what to do.

Every error carries a stable English `code` for machines and a Chinese message for people. A plain
`ValueError` is left for a programmer's misuse.
"""

from __future__ import annotations


class TriageError(Exception):
    """Base of every expected failure; the command line answers it with exit code 2."""

    code = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidRequest(TriageError):
    """A request that cannot be triaged; `code` says which rule it broke."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


class UnusableFile(TriageError):
    """A file that cannot be read at all; nothing was written."""

    code = "file_unusable"


class UnknownLabel(TriageError):
    """A code that no code list knows."""

    code = "label_unknown"


class CatalogueError(TriageError):
    """A folder of code lists that contradicts itself."""

    code = "catalogue_invalid"


class PolicyError(TriageError):
    """A file of policies or of working days that has problems; the message lists them all."""

    code = "policy_invalid"


class PlanError(TriageError):
    """A plan of a simulated city that cannot be carried out; `field` names what is wrong."""

    code = "plan_invalid"


class ArtifactError(TriageError):
    """A model folder that is missing, damaged or of another schema version."""

    code = "artifact_invalid"


class GateRefusal(TriageError):
    """A model that did not pass the publishing gate."""

    code = "gate_refused"


class MissingExtraError(TriageError):
    """A feature whose optional dependencies are not installed."""

    code = "extra_missing"
