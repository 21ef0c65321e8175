"""Waiting until the workers of an app are done, those that newer ones took the place of too."""

import asyncio
from typing import Any

from textual.app import App
from textual.worker import WorkerCancelled


async def settled(app: App[Any]) -> None:
    while True:
        try:
            await app.workers.wait_for_complete()
        except WorkerCancelled:
            await asyncio.sleep(0)
        else:
            return
