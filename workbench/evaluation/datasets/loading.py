"""From what the user names as a dataset to the items that are done."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from workbench.evaluation.datasets.faults import wrong
from workbench.evaluation.datasets.folder import read_folder
from workbench.evaluation.datasets.sampling import sample
from workbench.evaluation.datasets.squad import read_squad
from workbench.evaluation.datasets.swapping import with_swapped
from workbench.evaluation.datasets.tables import DELIMITERS, JSON_LINES, Columns, Table
from workbench.evaluation.items import Dataset, Item, Raw, made_of
from workbench.i18n import _

Named = TypeVar("Named", Raw, Item)


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Which items of a dataset are chosen; ``swap`` adds questions that no text answers."""

    limit: int | None = None
    offset: int = 0
    seed: int = 42
    swap: bool = False
    columns: Columns = field(default_factory=Columns)


def load(path: Path, options: LoadOptions) -> Dataset:
    """Read a dataset; UsageError says in one line what is wrong, in which file and line."""
    notices: list[str] = []
    items: tuple[Item, ...]
    if path.is_dir():
        chosen, total = _sample(read_folder(path, notices), options)
        items = tuple(chosen)
    else:
        raw, total = _sample(_raw_items(path, options, notices), options)
        items = made_of(raw, path)
    if not items:
        raise wrong(
            path,
            _("holds {total} items, none of which is chosen").format(total=total),
            _("Give another --offset, or another file."),
        )
    if options.swap:
        items, without = with_swapped(items, options.seed)
        if without:
            notices.append(
                _("{count} questions have no other article to be put to").format(count=without)
            )
    return Dataset(path.name, items, total, tuple(notices))


def _raw_items(path: Path, options: LoadOptions, notices: list[str]) -> Iterator[Raw]:
    suffix = path.suffix.lower()
    if suffix == ".json":
        yield from read_squad(path, notices)
    elif suffix in JSON_LINES or suffix in DELIMITERS:
        table = Table(path, options.columns)
        yield from table.items()
        notices += table.notices
    else:
        raise wrong(
            path,
            _("is no dataset that is known here") if path.exists() else _("there is no such file"),
            _("Give .json (SQuAD), .jsonl, .tsv, .csv, or a folder of articles and facts."),
        )


def _sample(items: Iterable[Named], options: LoadOptions) -> tuple[list[Named], int]:
    return sample(
        _with_own_names(items), limit=options.limit, offset=options.offset, seed=options.seed
    )


def _with_own_names(items: Iterable[Named]) -> Iterator[Named]:
    """Give items of one name numbers, so that each can be told from the others."""
    seen: dict[str, int] = {}
    for item in items:
        count = seen[item.name] = seen.get(item.name, 0) + 1
        yield item if count == 1 else replace(item, name=f"{item.name} #{count}")
