"""What a batch will come to before it is begun: articles, tokens, hours, room on the disk."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.articles.model import Article
from workbench.batch.assignments import Assignment, Question, assignments, questions
from workbench.batch.job import Job
from workbench.batch.ledger import FILE
from workbench.batch.ledger_rows import explained
from workbench.batch.posts import OpenSession, open_session
from workbench.batch.schema import check
from workbench.batch.source import Wanted
from workbench.batch.units import Unit, evenly, units_of
from workbench.catalog.registry import resolve
from workbench.engine.openai.address import names_server
from workbench.errors import ArticleError, ArticleNotice, WorkbenchError
from workbench.store.connection import connect_to_read
from workbench.tasks.calibration import Calibration, choose_sequences
from workbench.tasks.conditions import measured_model
from workbench.tasks.intake import reading
from workbench.tasks.keys import fingerprint
from workbench.tasks.session import choose_model

TOKENS_A_CHARACTER = 0.75
"""Articles take 0.6 to 0.9 in the vocabulary of Qwen2.5: see engine/openai/estimate.py."""
_INSTRUCTION = 250
"""Tokens of one instruction with the sentences quoted in it."""
_AGAIN = 1.5
"""For each token of the points, those of headlines and of what is written again included."""
_TEXT_BYTES = 1.5
"""Bytes that a character of an article takes in the ledger, packed."""
_RESULT_BYTES = 2_500
_REPORT_BYTES = {
    "markdown": 5_000,
    "jsonl": 9_000,
    "csv": 2_500,
    "xlsx": 1_500,
    "html": 9_000,
    "docx": 1_500,
}
"""Bytes that a result takes there, and in each of the reports."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Share:
    """What one model is to do: pieces of work, and those that are done already.

    Tokens are those that are left to be read and written. ``hours`` follows from the calibration
    of the model on this machine, None where there is none. ``problem`` says why the model cannot
    be used.
    """

    model: str
    pieces: int
    done: int
    read_tokens: int
    write_tokens: int
    hours: float | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a batch comes to; ``errors`` are of articles that cannot be read, the first few.

    ``disk`` is how many bytes ledger and reports will take about, ``disk_free`` how many there are.
    """

    articles: int
    comparisons: int
    characters: int
    tokens: int
    unreadable: int
    errors: tuple[str, ...]
    notices: tuple[str, ...]
    shares: tuple[Share, ...]
    disk: int
    disk_free: int

    @property
    def fits(self) -> bool:
        """Say whether there is room for what will be written."""
        return self.disk < self.disk_free

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What one piece of work is about."""

    fingerprints: tuple[str, ...]
    characters: int


def planned(
    job: Job,
    seen: Callable[[int, int], None] | None = None,
    opened: OpenSession = open_session,
) -> Plan:
    """Read everything a job names and say what it comes to; UsageError where it makes no sense.

    ``seen`` hears of files looked at, and of how many there are.
    """
    asked = questions(job)
    found = units_of(job)
    subjects: list[_Subject] = []
    errors: list[str] = []
    notices = list(found.notices)
    wanted = Wanted(job.only, job.limit)
    for number, unit in enumerate(found.units, start=1):
        if job.limit and len(subjects) >= job.limit:
            break
        subjects += _subjects(unit, job, wanted, errors, notices)
        if seen is not None:
            seen(number, len(found.units))
    subjects = subjects[: job.limit] if job.limit else subjects
    names = job.named_models[:1] if job.spread else job.named_models
    shares = tuple(_share(job, name, asked, subjects, opened) for name in names)
    characters = sum(one.characters for one in subjects)
    left = sum(share.pieces - share.done for share in shares)
    pieces = sum(share.pieces for share in shares)
    report = sum(_REPORT_BYTES[format] for format in job.formats)
    return Plan(
        articles=sum(len(one.fingerprints) for one in subjects),
        comparisons=len(subjects) if job.task == "compare" else 0,
        characters=characters,
        tokens=int(characters * TOKENS_A_CHARACTER),
        unreadable=len(errors),
        errors=tuple(errors[:_SHOWN]),
        notices=tuple(notices),
        shares=shares,
        disk=int(characters * _TEXT_BYTES) + left * _RESULT_BYTES + pieces * report,
        disk_free=_free(Path(job.output).expanduser()),
    )


def _subjects(
    unit: Unit, job: Job, wanted: Wanted, errors: list[str], notices: list[str]
) -> Iterator[_Subject]:
    if unit.error:
        errors.append(unit.error)
        return
    articles = []
    with reading(job.read_options()) as read:
        for item in unit.items:
            for outcome in read(item):
                if isinstance(outcome, ArticleNotice):
                    notices.append(str(outcome))
                elif isinstance(outcome, ArticleError):
                    errors.append(str(outcome))
                elif unit.together or wanted.fits(_facts(outcome)):
                    articles.append((fingerprint(outcome), len(outcome.text), _facts(outcome)))
    if not unit.together:
        for mark, characters, _known in articles:
            yield _Subject((mark,), characters)
    elif any(wanted.fits(facts) for _mark, _characters, facts in articles):
        for part in evenly(articles):
            marks = tuple(mark for mark, _characters, _known in part)
            yield _Subject(marks, sum(characters for _mark, characters, _known in part))


def _facts(article: Article) -> dict[str, Any]:
    return {"path": str(article.path), "part": article.part, "title": article.title}


def _share(
    job: Job, name: str, asked: Sequence[Question], subjects: list[_Subject], opened: OpenSession
) -> Share:
    settings = job.in_settings(name)
    pieces = len(asked) * len(subjects)
    try:
        session = opened(settings, lambda _event: None, lambda _text: None, job.patience)
        try:
            identity = session.model
        finally:
            session.close()
    except WorkbenchError as error:
        return Share(name or "-", pieces, 0, 0, 0, None, str(error))
    every = assignments(asked, identity, settings)
    done = _done(job, every, subjects)
    left = [
        [one for one in every if one.piece(subject.fingerprints) not in done]
        for subject in subjects
    ]
    read = write = 0
    for subject, work in zip(subjects, left, strict=True):
        if work:
            read += int(subject.characters * TOKENS_A_CHARACTER)
        for one in work:
            size = one.template.size(one.work.length)
            read += size.points * _INSTRUCTION
            characters = one.work.characters or size.points * size.characters
            write += int(characters * TOKENS_A_CHARACTER * _AGAIN)
    return Share(
        identity.name,
        pieces,
        len(done),
        read,
        write,
        _hours(read, write, _calibration(job, name), job.in_settings().sequences),
    )


def _done(job: Job, asked: Sequence[Assignment], subjects: Sequence[_Subject]) -> set[str]:
    """Return the keys of what the ledger has already."""
    path = Path(job.output).expanduser() / FILE
    if not path.is_file():
        return set()
    found: set[str] = set()
    try:
        with closing(connect_to_read(path)) as connection:
            check(connection, path)
            for subject in subjects:
                for one in asked:
                    key = one.piece(subject.fingerprints)
                    query = "SELECT 1 FROM pieces WHERE key = ? AND state = 'done'"
                    if connection.execute(query, (key,)).fetchone():
                        found.add(key)
    except sqlite3.Error as error:
        raise explained(error, path) from None
    return found


def _calibration(job: Job, name: str) -> Calibration | None:
    if names_server(name):
        return None
    settings = job.in_settings(name)
    model = resolve(name) if name else choose_model(settings)[0]
    return measured_model(model.path, settings)[0]


def _hours(read: int, write: int, measured: Calibration | None, sequences: int) -> float | None:
    """Return the hours that reading and writing take at measured speeds, nothing side by side."""
    if measured is None:
        return None
    number = choose_sequences(sequences, measured)
    speeds = measured.write_tps
    speed = speeds.get(number) or speeds[min(speeds, key=lambda one: abs(one - number))]
    return (read / measured.read_tps + write / speed) / 3600


def _free(folder: Path) -> int:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
