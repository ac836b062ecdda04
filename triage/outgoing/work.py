"""The work in the background of a process: the clerk, the courier, the webhooks, round by round.

Each has a `poll`, so that whatever asks them (the service once a second, or a command) is the same.
Several processes may run it: leases in the store let one at a time do each.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections import Counter

from triage.desk import clerk
from triage.desk.office import Office
from triage.outgoing import courier, deliveries
from triage.outgoing.hooks import Outgoing
from triage.outgoing.senders import Sender
from triage.store.leases import free

LEASES = (clerk.LEASE, courier.LEASE, deliveries.LEASE)


def holder_name() -> str:
    """Return a name that no other process has."""
    return f"{socket.gethostname()[:32]} {os.getpid()} {secrets.token_hex(4)}"


class ClerkWork:
    """What happens to orders by itself."""

    def __init__(self, office: Office, holder: str) -> None:
        self._office, self._holder = office, holder
        self.done: Counter[str] = Counter()

    async def poll(self) -> None:
        """Do all that is due, a batch at a time, so that a stop is not waited for."""
        is_done = False
        while not is_done:
            ticked = await asyncio.to_thread(
                clerk.tick, self._office, self._holder, most=clerk.BATCH
            )
            self.done += ticked.deeds
            is_done = ticked.is_done


class NoticeWork:
    """Notices to citizens."""

    def __init__(self, office: Office, sender: Sender, holder: str) -> None:
        self._office, self._sender, self._holder = office, sender, holder
        self.done: Counter[str] = Counter()

    async def poll(self) -> None:
        """Send what is due."""
        self.done += await courier.carry(self._office, self._sender, self._holder)


class HookWork:
    """Events to other systems."""

    def __init__(self, outgoing: Outgoing, holder: str) -> None:
        self._outgoing, self._holder = outgoing, holder
        self.done: Counter[str] = Counter()

    async def poll(self) -> None:
        """Send what is due, a batch at a time."""
        taken = True
        while taken:
            done = await deliveries.deliver(self._outgoing, self._holder)
            self.done += done
            taken = bool(done["taken"])


def give_leases_back(office: Office, holder: str) -> None:
    """Let another process take over at once."""
    with office.database.write() as connection:
        for name in LEASES:
            free(connection, name, holder)
