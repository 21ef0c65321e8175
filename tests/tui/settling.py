"""Waiting for what comes about, and for the workers of an app."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.worker import WorkerCancelled


async def wait_until(pilot: Pilot[Any], predicate: Callable[[], object]) -> None:
    """Wait for a condition, not for a time; fail where it does not come about."""
    for _turn in range(6000):
        await pilot.pause()
        if predicate():
            return
        await pilot.pause(0.01)
    raise AssertionError("what was waited for did not come about")


async def settled(app: App[Any]) -> None:
    """Wait for every worker, those that newer ones took the place of too."""
    while True:
        try:
            await app.workers.wait_for_complete()
        except WorkerCancelled:
            await asyncio.sleep(0)
        else:
            return
