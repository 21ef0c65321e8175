"""The work of one model: threads that take pieces, have them done, and put down what came of it."""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from workbench.articles.model import Article
from workbench.batch.dispatch import Dispatch, Task
from workbench.batch.ledger import Ledger
from workbench.batch.posts import Post
from workbench.engine.protocol import Message, Request
from workbench.errors import (
    ArticleError,
    Cancelled,
    EngineError,
    ServerUnavailable,
    UsageError,
    WorkbenchError,
)
from workbench.i18n import _
from workbench.tasks.events import TaskEvent
from workbench.tasks.result import ModelIdentity
from workbench.tasks.work import perform

_RETURNS = 3
"""A piece that servers leave unfinished so often, while they do others, is to blame itself."""
_SHORTEST = Request((Message("user", ("好",)),), max_tokens=1)
_IN_A_ROW = 12
"""So many failures of an engine one after the other, and it is given up."""


class Told(Protocol):
    """What the workers tell, each in its thread."""

    def begins(self, task: Task) -> None:
        """Hear that a piece begins."""

    def event(self, task: Task, event: TaskEvent) -> None:
        """Hear what a task reports."""

    def done(self, task: Task, result: Mapping[str, Any]) -> None:
        """Hear that a piece is done and kept."""

    def failed(self, task: Task, error: str) -> None:
        """Hear that a piece failed, and why."""

    def left(self, task: Task) -> None:
        """Hear that a piece was left unfinished and waits again."""

    def problem(self, text: str) -> None:
        """Hear what concerns no article but the whole."""


class Workers:
    """All who work on one model; ``patience`` in seconds, see Job."""

    def __init__(
        self,
        posts: Sequence[Post],
        model: ModelIdentity,
        dispatch: Dispatch,
        ledger: Ledger,
        told: Told,
        patience: float,
    ):
        self._posts = posts
        self._model = model
        self._dispatch = dispatch
        self._ledger = ledger
        self._told = told
        self._patience = patience
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._ending = threading.Event()
        self._in_a_row = 0
        self._given_up: set[str] = set()

    def start(self) -> None:
        """Begin: a thread for each post, which adds more once its engine runs."""
        for post in self._posts:
            self._add(post, opens=True)

    @property
    def given_up(self) -> bool:
        """Say whether nobody was left who could work."""
        return len(self._given_up) == len(self._posts)

    def alive(self) -> bool:
        """Say whether anybody still works."""
        with self._lock:
            return any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Begin nothing more and wait for no server."""
        self._dispatch.stop()
        self._ending.set()

    def cancel(self) -> None:
        """End what is being done; call it until nobody is alive."""
        self.stop()
        for post in self._posts:
            post.cancel()

    def _add(self, post: Post, *, opens: bool) -> None:
        thread = threading.Thread(
            target=self._guarded, args=(post, opens), name=f"work of {post.name}", daemon=True
        )
        with self._lock:
            self._threads.append(thread)
        thread.start()

    def _guarded(self, post: Post, opens: bool) -> None:
        try:
            self._opened(post) if opens else self._work(post, post.size()[1])
        except Exception as error:  # noqa: BLE001 - the run has to hear of it
            if self._ledger.failure is None:
                self._told.problem(described(error))
            self.stop()

    def _opened(self, post: Post) -> None:
        """Take a first piece, and only then start the engine: maybe there is nothing to do."""
        post.alive_at = 0.0
        while (task := self._dispatch.take(post, 0)) is not None:
            post.alive_at = post.alive_at or time.monotonic()
            try:
                post.require(self._model)
                threads, room = post.size()
            except (EngineError, UsageError) as error:
                self._dispatch.give_back(task)
                if not isinstance(error, ServerUnavailable) or self._gone(post):
                    self._give_up(post, error)
                    return
                post.rest()
                if self._dispatch.pause(post.resting):
                    return
                continue
            for _thread in range(threads - 1):
                self._add(post, opens=False)
            self._do(post, task)
            self._work(post, room)
            return

    def _work(self, post: Post, room: int) -> None:
        while post.name not in self._given_up:
            if (seconds := post.resting) and self._dispatch.pause(seconds):
                return
            task = self._dispatch.take(post, room)
            if task is None:
                return
            self._do(post, task)

    def _do(self, post: Post, task: Task) -> None:
        began = time.monotonic()
        self._ledger.started(task.piece)
        self._told.begins(task)
        try:
            result = self._performed(post, task)
        except Cancelled:
            self._leave(task)
            self._dispatch.done(task)
        except ServerUnavailable as error:
            done = sum(one.done for one in self._posts)
            if done > task.others or _answers(post):
                task.returned, task.others = task.returned + 1, done
            if task.returned > _RETURNS:
                self._fail(task, str(error), began)
                return
            self._leave(task)
            self._dispatch.put_off(task)
            post.rest()
            if self._gone(post):
                self._give_up(post, error)
        except EngineError as error:
            self._fail(task, str(error), began)
            self._count_failure(post, error)
        except Exception as error:  # noqa: BLE001 - one article must not end a night's work
            self._fail(task, described(error), began)
        else:
            self._ledger.finished(task.piece, result, round(time.monotonic() - began, 3))
            post.well()
            self._in_a_row = 0
            self._told.done(task, result)
            for doubt in post.doubts():
                self._told.problem(
                    _("{name} counts what cannot be ({what}): its tokens are estimated").format(
                        name=post.name, what=doubt
                    )
                )
            self._dispatch.done(task)

    def _performed(self, post: Post, task: Task) -> dict[str, Any]:
        articles: Sequence[Article] = task.load.articles
        one = task.assignment
        found = perform(
            one.work,
            articles,
            one.template,
            post.engine(),
            self._model,
            lambda event: self._told.event(task, event),
        )
        return found.to_json()

    def _fail(self, task: Task, error: str, began: float) -> None:
        self._ledger.failed(task.piece, error, round(time.monotonic() - began, 3))
        self._told.failed(task, error)
        self._dispatch.done(task)

    def _leave(self, task: Task) -> None:
        self._ledger.stopped(task.piece)
        self._told.left(task)

    def _gone(self, post: Post) -> bool:
        """Say whether a server has not done anything for so long that it is not waited for."""
        return time.monotonic() - post.alive_at > self._patience

    def _count_failure(self, post: Post, error: EngineError) -> None:
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            self._give_up(post, error)

    def _give_up(self, post: Post, error: WorkbenchError) -> None:
        """Go on without a post; without the last one the rest waits for another run."""
        with self._lock:
            if post.name in self._given_up:
                return
            self._given_up.add(post.name)
            last = len(self._given_up) == len(self._posts)
        if not self._ending.is_set():
            self._told.problem(str(error))
        if last:
            self.stop()


def _answers(post: Post) -> bool:
    """Say whether a server answers the shortest of requests: then it was not the server's fault."""
    try:
        for _event in post.engine().submit(_SHORTEST):
            pass
    except (EngineError, Cancelled):
        return False
    return True


def described(error: Exception) -> str:
    """Return what to say of an error where the article is named anyhow."""
    if isinstance(error, ArticleError):
        return str(WorkbenchError(error.what, fix=error.fix))
    if isinstance(error, WorkbenchError):
        return str(error)
    return _("unexpected error: {kind}: {error}").format(kind=type(error).__name__, error=error)
