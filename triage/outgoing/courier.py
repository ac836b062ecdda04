"""Carry notices from the outbox to a sender: in order for each requester, again on failure.

A process that dies sends its last notice again, with the same id. That a number was read for it is
in the ledger, with the purpose "notice".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from triage.desk.actor import SYSTEM
from triage.desk.notices import rendered, somebody_waits
from triage.desk.office import Office
from triage.desk.reveal import sealed_under
from triage.outgoing.backoff import LONGEST_WAIT, wait_after
from triage.outgoing.senders import Notice, Sender
from triage.store.key_file import VaultKeyMissing
from triage.store.leases import hold
from triage.store.orders import find
from triage.store.outbox import LetterState, Posted, settle, waiting
from triage.store.vault import Field, NothingSealed, Reading, VaultDamaged

LEASE, LEASE_LENGTH = "notices", timedelta(minutes=1)
PURPOSE = "notice"


@dataclass(frozen=True, slots=True)
class _Ready:
    notice: Notice
    phone: str


async def carry(office: Office, sender: Sender, holder: str, *, most: int = 200) -> Counter[str]:
    """Send notices that are due, up to `most`; return how many came to which end.

    Ends with the first that fails: what is wrong with a gateway is wrong for all.

    Raises
    ------
    StoreUnavailable
    """
    done: Counter[str] = Counter()
    # The next notice of an order is due only when the one before it has gone: look again.
    while letters := await asyncio.to_thread(_taken, office, holder, most - done.total()):
        for letter in letters:
            outcome = await _one(office, sender, letter)
            is_ours = await asyncio.to_thread(_write, office, holder, letter, outcome)
            is_skipped = outcome.startswith("-")
            done["skipped" if is_skipped else "failed" if outcome else "sent"] += 1
            if not is_ours or (outcome and not is_skipped):
                return done
    return done


def _taken(office: Office, holder: str, most: int) -> list[Posted]:
    now = office.now()
    if most <= 0:
        return []
    with office.database.read() as connection:
        letters = waiting(connection, now, most, longest=LONGEST_WAIT)
    if not letters:
        return []
    with office.database.write() as connection:
        return letters if hold(connection, LEASE, holder, now, LEASE_LENGTH) else []


async def _one(office: Office, sender: Sender, letter: Posted) -> str:
    """Return "" where it was sent, a code that begins with "-" where nobody is to be told."""
    found = await asyncio.to_thread(_ready, office, sender, letter)
    return found if isinstance(found, str) else await sender.send(found.notice, found.phone)


def _ready(office: Office, sender: Sender, letter: Posted) -> _Ready | str:
    with office.database.read() as connection:
        order = find(connection, letter.order_id)
        root = sealed_under(connection, order)
    texts = rendered(letter.template, order)
    if not somebody_waits(order) or not texts.zh:
        return "-nobody"
    notice = Notice(
        letter.id,
        order.id,
        letter.template,
        order.query_code,
        texts.zh,
        texts.en,
        letter.created_at.isoformat(),
    )
    if not sender.needs_phone:
        return _Ready(notice, "")
    reading = Reading(SYSTEM.id, PURPOSE, office.now())
    try:
        wanted = frozenset({Field.PHONE})
        phone = office.vault.open_sealed(office.database, root, wanted, reading)[Field.PHONE]
    except NothingSealed:
        return "-no_phone"
    except (VaultKeyMissing, VaultDamaged) as error:
        return error.code
    return _Ready(notice, phone)


def _write(office: Office, holder: str, letter: Posted, outcome: str) -> bool:
    now = office.now()
    with office.database.write() as connection:
        if not outcome:
            settle(connection, letter, LetterState.SENT)
        elif outcome.startswith("-"):
            settle(connection, letter, LetterState.SKIPPED, error=outcome[1:])
        else:
            wait = wait_after(letter.attempts + 1, letter.id)
            state = LetterState.DEAD if wait is None else LetterState.WAITING
            next_at = None if wait is None else now + wait
            settle(connection, letter, state, next_at=next_at, error=outcome)
        return hold(connection, LEASE, holder, now, LEASE_LENGTH)
