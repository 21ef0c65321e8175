"""Who does what next: all that is asked about an article by one engine, one after the other.

An engine reads an article once for all its work; a second article is begun beside it only where
both fit in the context, else they would drive each other out of the KV cache.
"""

import threading
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from workbench.articles.model import Article
from workbench.batch.assignments import Assignment


@dataclass(eq=False, slots=True)
class Load:
    """Articles that were read, and what is to be done with them.

    ``tokens`` is about how many they take in the context, ``weight`` what they count for in all
    that is to be done.
    """

    name: str
    articles: tuple[Article, ...]
    tokens: int
    weight: float
    waiting: deque["Task"] = field(default_factory=deque)
    running: int = 0
    owner: Hashable = None


@dataclass(eq=False, slots=True)
class Task:
    """One piece of work.

    ``returned`` counts how often it was left unfinished while others were done, the last time when
    ``others`` had been.
    """

    load: Load
    assignment: Assignment
    piece: int
    share: float
    returned: int = 0
    others: int = -1


class Dispatch:
    """Loads on their way from the reader to the workers; thread-safe.

    ``ahead`` is how many loads are read before anybody needs them. A post is whoever owns an
    engine; ``room`` is how many tokens its articles may take together.
    """

    def __init__(self, ahead: int):
        self._ahead = ahead
        self._change = threading.Condition()
        self._loads: deque[Load] = deque()
        self._in_hand: list[Load] = []
        self._closed = False
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether nothing more is begun."""
        return self._stopped

    def offer(self, load: Load) -> bool:
        """Hand in a load as soon as there is place; False where nothing more is wanted."""
        with self._change:
            self._change.wait_for(lambda: self._stopped or len(self._loads) < self._ahead)
            if self._stopped:
                return False
            self._loads.append(load)
            self._change.notify_all()
            return True

    def close(self) -> None:
        """Say that no more loads come."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    def stop(self) -> None:
        """Begin nothing more; what runs may end."""
        with self._change:
            self._stopped = True
            self._change.notify_all()

    def take(self, post: Hashable, room: int) -> Task | None:
        """Wait for the next task of a post; None where there is nothing more to do."""
        with self._change:
            while True:
                if self._stopped:
                    return None
                if (task := self._next(post, room)) is not None:
                    task.load.running += 1
                    return task
                if self._closed and not self._loads and not self._in_hand:
                    return None
                self._change.wait()

    def window(self, post: Hashable, most: int) -> list[Task]:
        """Wait for all tasks of so many loads, or of those that are left; empty at the end."""
        found: list[Task] = []
        loads = 0
        with self._change:
            while not self._stopped:
                while self._loads and loads < most:
                    load = self._loads.popleft()
                    load.owner, load.running = post, len(load.waiting)
                    self._in_hand.append(load)
                    found.extend(load.waiting)
                    load.waiting.clear()
                    loads += 1
                    self._change.notify_all()  # there is place for another load
                if loads >= most or self._closed:
                    return found
                self._change.wait()
            for task in found:
                self._return(task)
            return []

    def pause(self, seconds: float) -> bool:
        """Wait so long, but not beyond the end of all work; say whether that is over."""

        def over() -> bool:
            return self._stopped or (self._closed and not self._loads and not self._in_hand)

        with self._change:
            return self._change.wait_for(over, seconds)

    def done(self, task: Task) -> None:
        """Say that a task is over."""
        with self._change:
            task.load.running -= 1
            if not task.load.running and not task.load.waiting:
                self._in_hand.remove(task.load)
            self._change.notify_all()

    def give_back(self, task: Task) -> None:
        """Have a task done by whoever comes next, the load it is of too."""
        with self._change:
            self._return(task)
            self._change.notify_all()

    def put_off(self, task: Task) -> None:
        """Have a task done after what is waiting: others may fare better meanwhile."""
        with self._change:
            old = task.load
            old.running -= 1
            if not old.running and not old.waiting:
                self._in_hand.remove(old)
            task.load = Load(old.name, old.articles, old.tokens, old.weight, deque([task]))
            self._loads.append(task.load)
            self._change.notify_all()

    @staticmethod
    def _return(task: Task) -> None:
        task.load.running -= 1
        task.load.waiting.appendleft(task)
        task.load.owner = None

    def _next(self, post: Hashable, room: int) -> Task | None:
        mine = [load for load in self._in_hand if load.owner is post]
        for load in mine:
            if load.waiting:
                return load.waiting.popleft()
        taken = sum(load.tokens for load in mine)
        for load in self._in_hand:
            if load.owner is None and load.waiting and self._fits(load, mine, taken, room):
                load.owner = post
                return load.waiting.popleft()
        if self._loads:
            if not self._fits(self._loads[0], mine, taken, room):
                return None
            load = self._loads.popleft()
            load.owner = post
            self._in_hand.append(load)
            self._change.notify_all()  # there is place for another load
            return load.waiting.popleft()
        if self._closed and not mine:
            # At the end it is better to read an article twice than to stand idle.
            for load in self._in_hand:
                if load.waiting:
                    return load.waiting.popleft()
        return None

    @staticmethod
    def _fits(load: Load, mine: list[Load], taken: int, room: int) -> bool:
        return not mine or taken + load.tokens <= room
