"""Take many records in together: judged in one pass, written in one transaction, each only once.

What `triage.desk.intake` says of one record holds for each: a record that was taken in before, by
(source, source_id), is answered as it was then.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from triage.desk.intake import Receipt, answered, judge, keys_of, receive, write
from triage.desk.office import Office
from triage.desk.record import IntakeRecord

BATCH = 50
"""Records in one transaction: others wait for the ledger for no longer than these take."""


def receive_all(office: Office, given: Sequence[IntakeRecord], *, actor: str) -> list[Receipt]:
    """Take records in; durable when this returns, or none of them is.

    Returns
    -------
    list
        A receipt for each record, in order.

    Raises
    ------
    ValueError
        A record has no source_id: it could be taken in twice.
    StoreUnavailable
        Ask again; what was written is found again.
    """
    if any(not one.source_id for one in given):
        raise ValueError("every record of a batch needs a source_id")
    try:
        return _together(office, given, actor)
    except IntegrityError:
        # Somebody else takes in the same records at this moment: one by one each is settled.
        return [receive(office, one, actor=actor) for one in given]


def _together(office: Office, given: Sequence[IntakeRecord], actor: str) -> list[Receipt]:
    keys = [keys_of(one, actor) for one in given]
    with office.database.read() as connection:
        known = [answered(connection, one, key) for one, key in zip(given, keys, strict=True)]
    fresh = [one for one, before in zip(given, known, strict=True) if before is None]
    if not fresh:
        return [before for before in known if before is not None]
    predictions = iter(judge(office, fresh))
    receipts = []
    with office.database.write() as connection:
        for one, key, before in zip(given, keys, known, strict=True):
            prediction = None if before is not None else next(predictions)
            # Asked again within the transaction: the batch itself may hold a record twice.
            before = before or answered(connection, one, key)
            receipts.append(before or write(office, connection, one, key, prediction, actor))
    return receipts
