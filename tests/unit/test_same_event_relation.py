from __future__ import annotations

import pytest

from triage.same_event.elsewhere import for_groups, is_elsewhere
from triage.same_event.judgement import Ground, Judgement, Label
from triage.same_event.relation import Relation, relation_of


def said(label: Label, evidence: str = "", against: str = "", p: float = 0.9) -> Judgement:
    return Judgement(
        label,
        p,
        tuple(Ground(kind, "") for kind in evidence.split()),
        tuple(Ground(kind, "") for kind in against.split()),
    )


@pytest.mark.parametrize(
    ("judgement", "expected"),
    [
        (said(Label.SAME_EVENT, "shared_place same_requester"), Relation.REPEAT),
        (said(Label.SAME_EVENT, "shared_place other_requester"), Relation.OTHERS),
        (said(Label.SAME_EVENT, "shared_place"), Relation.SAME_EVENT),
        (said(Label.SAME_EVENT, "same_requester", "other_place"), Relation.ELSEWHERE),
        (said(Label.SAME_EVENT, "shared_place same_requester", "other_region"), Relation.REPEAT),
        (said(Label.RELATED, "shared_object", "other_region"), Relation.ELSEWHERE),
        (said(Label.RELATED, "same_requester"), Relation.RELATED),
        (said(Label.UNRELATED, "same_requester", "other_region"), Relation.UNRELATED),
    ],
)
def test_repeat_others_and_elsewhere_are_told_apart(
    judgement: Judgement, expected: Relation
) -> None:
    assert relation_of(judgement) is expected


def test_what_is_elsewhere_is_no_part_of_an_event_however_alike() -> None:
    alike = said(Label.SAME_EVENT, "shared_phrase", "other_region", p=0.99)
    assert is_elsewhere(alike)
    kept_apart = for_groups(alike)
    assert (kept_apart.label, kept_apart.probability) == (Label.UNRELATED, 0.0)
    assert kept_apart.contradictions == alike.contradictions
    border = said(Label.SAME_EVENT, "shared_place", "other_region")
    assert for_groups(border) is border
    numbers = said(Label.SAME_EVENT, "", "other_number")
    assert for_groups(numbers) is numbers
