"""The steps in order: the one place that knows the order. Requests in, predictions out.

Personal data is masked first; nothing after that sees the original text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from triage.catalogue import Catalogue
from triage.model.features import Document
from triage.model.model import Model
from triage.model.registry import current_folder
from triage.request import CitizenRequest, Prediction, Versions
from triage.settings import Settings, load_settings
from triage.steps.abstention import AbstentionStep
from triage.steps.accused import Accusations
from triage.steps.classify import FlagsStep, RequestTypeStep, SupportStep, TopicStep, UnitsStep
from triage.steps.dispatch_index import DispatchIndex
from triage.steps.draft import Draft, Step
from triage.steps.duty import DutyStep
from triage.steps.elements import ElementsStep
from triage.steps.evidence import EvidenceStep
from triage.steps.gate import AcceptanceStep
from triage.steps.jurisdiction import JurisdictionStep
from triage.steps.matters import MattersStep
from triage.steps.rule_terms import FoldedText
from triage.steps.rules import as_one, rule_book, scan_request
from triage.steps.urgency import UrgencyStep
from triage.text.mask import mask, mask_all

HEAD_OF = {
    "topic": "topic",
    "request_type": "request_type",
    "duty": "topic",
    "units": "lead_unit",
    "support": "support_units",
    "flags": "flags",
    "matters": "topic",
}
"""The head that a step reads; the other steps need none (rules raise urgency without a model)."""

OF_ONE_MATTER = ("duty", "units", "support", "urgency")
"""The steps that judge each of several matters as a request of its own."""


class Pipeline:
    """Triage with one model, one catalogue and one set of rules; safe to call from threads."""

    def __init__(
        self,
        model: Model,
        catalogue: Catalogue,
        settings: Settings,
        steps: Sequence[Step],
        *,
        places: frozenset[str],
    ) -> None:
        self.model = model
        self.catalogue = catalogue
        self.settings = settings
        self.steps = tuple(steps)
        self.places = places
        self.versions = Versions(model.version, catalogue.version, rule_book().version)

    @classmethod
    def load(
        cls,
        models_dir: Path,
        *,
        catalogue_dir: Path | None = None,
        settings_file: Path | None = None,
    ) -> Self:
        """Load the current model of a folder of models.

        Raises
        ------
        ArtifactError, CatalogueError, UnusableFile
            What could not be read, and what to do.
        """
        return cls.from_model(
            current_folder(models_dir), catalogue_dir=catalogue_dir, settings_file=settings_file
        )

    @classmethod
    def from_model(
        cls,
        folder: Path,
        *,
        catalogue_dir: Path | None = None,
        settings_file: Path | None = None,
    ) -> Self:
        """Load one model folder; see `load`."""
        model = Model.load(folder)
        catalogue = Catalogue.load(catalogue_dir)
        settings = load_settings(settings_file)
        places = known_places(catalogue)
        steps = default_steps(model, catalogue, settings, places=places)
        return cls(model, catalogue, settings, steps, places=places)

    def triage(self, requests: Sequence[CitizenRequest]) -> list[Prediction]:
        """Return one prediction per request, in order; [] for none."""
        return [draft.finish(self.versions) for draft in self.drafts(requests)]

    def drafts(self, requests: Sequence[CitizenRequest]) -> list[Draft]:
        """Return what stands behind each prediction: the finished drafts, in order."""
        drafts = self._read(requests)
        for step in self.steps:  # step by step: what a step looks things up in stays in the cache
            for draft in drafts:
                step(draft)
        return drafts

    def _masked_places(self, request: CitizenRequest) -> CitizenRequest:
        """Mask a district or township that no code list knows: it may hold anything."""
        district, township = (
            mask(place).text if place and place not in self.places else place
            for place in (request.district, request.township)
        )
        if (district, township) == (request.district, request.township):
            return request
        return replace(request, district=district, township=township)

    def _read(self, requests: Sequence[CitizenRequest]) -> list[Draft]:
        requests = [self._masked_places(request) for request in requests]
        masked = mask_all([*(each.text for each in requests), *(each.title for each in requests)])
        texts = masked[: len(requests)]
        documents = [
            Document(title.text, text.text)
            for title, text in zip(masked[len(requests) :], texts, strict=True)
        ]
        whole = FoldedText.all_of([as_one(one.text, one.title)[0] for one in documents])
        readings = self.model.read_all(documents)
        probabilities = self.model.probabilities(readings)
        return [
            Draft(
                request,
                document,
                reading,
                {name: rows[index] for name, rows in probabilities.items()},
                *scan_request(document.text, document.title, folded),
                masked=text,
                folded_already=folded,
            )
            for index, (request, document, reading, text, folded) in enumerate(
                zip(requests, documents, readings, texts, whole, strict=True)
            )
        ]


def default_steps(
    model: Model, catalogue: Catalogue, settings: Settings, *, places: frozenset[str]
) -> list[Step]:
    """Return the steps that are on, in their order; a head that the model lacks has no step.

    `places` are the names that `known_places` returns, listed once for the whole pipeline.
    """

    def labels(head: str) -> tuple[str, ...]:
        return model.heads[head].labels if head in model.heads else ()

    steps: list[Step] = []
    index = DispatchIndex(catalogue.duties, catalogue.boundaries)
    makers: dict[str, Callable[[], Step]] = {
        "acceptance": lambda: AcceptanceStep(labels("urgency"), settings.doubt),
        "topic": lambda: TopicStep(labels("topic"), catalogue.topics, settings.ranks),
        "request_type": lambda: RequestTypeStep(labels("request_type")),
        "duty": lambda: DutyStep(
            catalogue.duties,
            index,
            {name: head.labels for name, head in model.heads.items()},
            units=catalogue.units,
            places=catalogue.places,
            accusations=Accusations(catalogue.unit_words),
            settings=settings,
        ),
        "units": lambda: UnitsStep(labels("lead_unit"), catalogue.units, settings.ranks),
        "support": lambda: SupportStep(labels("support_units"), settings.support_threshold),
        "flags": lambda: FlagsStep(labels("flags"), flag_thresholds(labels("flags"), settings)),
        "urgency": lambda: UrgencyStep(labels("urgency"), settings.urgent_thresholds),
        "matters": lambda: MattersStep(
            model, catalogue.topics, [step for step in steps if step.name in OF_ONE_MATTER]
        ),
        "elements": lambda: ElementsStep(catalogue.place_names()),
        "jurisdiction": lambda: JurisdictionStep(catalogue, index),
        "evidence": lambda: EvidenceStep(model, settings.evidence_spans),
        "abstention": lambda: AbstentionStep(settings, places, model),
    }
    for name, make in makers.items():
        if name in settings.steps and HEAD_OF.get(name, "") in ("", *model.heads):
            steps.append(make())
    return steps


def flag_thresholds(labels: Sequence[str], settings: Settings) -> tuple[float, ...]:
    """Return from which probability each flag is named."""
    own = settings.flag_thresholds
    return tuple(own.get(label, settings.flag_threshold) for label in labels)


def known_places(catalogue: Catalogue) -> frozenset[str]:
    """Return the names and codes by which a record may give its district or township."""
    regions, townships = catalogue.places.labels()
    return regions | townships
