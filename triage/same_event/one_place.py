"""The places that two requests both name, as people would say: by sound, and wherever they stand.

Wider than what the decision was fitted with (`mentions.shared_places`): for what is shown, not for
what is weighed. docs/same_event.md says why the two differ for now.
"""

from __future__ import annotations

from triage.same_event.mentions import Mentions, shared_places
from triage.same_event.sounds import sound_alike


def one_place(
    one: Mentions, other: Mentions, my_text: str, their_text: str
) -> list[tuple[str, str]]:
    """Return the names that both have, as (this one's, that one's).

    One contains the other, or sounds like it; or it stands in the other's text, whether it was read
    as a name there or not.
    """
    found = shared_places(one, other)
    found += [
        (mine, theirs)
        for _, mine in one.places
        for _, theirs in other.places
        if sound_alike(mine, theirs)
    ]
    mine, theirs = {name for name, _ in found}, {name for _, name in found}
    found += [(name, name) for _, name in one.places if name not in mine and name in their_text]
    found += [(name, name) for _, name in other.places if name not in theirs and name in my_text]
    return found
