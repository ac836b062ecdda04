"""What `triage train --search` does before it trains: search, show progress, write the report."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from evaluation.page import to_markdown, write_texts
from evaluation.truth import Example
from training.recipe import Recipe
from training.search.race import open_state, search, trials_of
from training.search.report import summary, to_json, to_page
from training.search.space import Space


def search_first(
    examples: Sequence[Example], recipe: Recipe, space: Space, *, out: Path, how: str
) -> Recipe:
    """Return the recipe that the search chooses.

    Beside the model folder `out` it keeps OUT.search.jsonl (progress; a killed search goes on from
    it), OUT.search.json and OUT.search.md (the report), and OUT.search.toml (the recipe chosen).
    """
    beside = {
        kind: out.with_name(f"{out.name}.search.{kind}") for kind in ("jsonl", "json", "md", "toml")
    }
    state = open_state(beside["jsonl"], examples, recipe, space, how)
    with tqdm(total=trials_of(space), disable=None, file=sys.stderr, unit="次") as bar:

        def on_trial(name: str) -> None:
            bar.set_description(name)
            bar.update()

        outcome = search(examples, recipe, space, state, how=how, on_trial=on_trial)
    report = json.dumps(to_json(outcome), ensure_ascii=False, indent=1) + "\n"
    write_texts(
        [
            (beside["toml"], outcome.chosen.text),
            (beside["md"], to_markdown(to_page(outcome))),
            (beside["json"], report),
        ]
    )
    print(summary(outcome), file=sys.stderr)
    return outcome.chosen
