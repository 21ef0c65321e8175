"""Results as a folder of Markdown: a file each with front matter, and an index of all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.batch.reports.naming import Names
from workbench.batch.reports.told import Told, article_name, clean, said_of
from workbench.batch.reports.writer import Take
from workbench.i18n import _
from workbench.tasks import views
from workbench.tasks.ask import views as answer_views
from workbench.tasks.ask.answer import Answer
from workbench.tasks.compare import views as comparison_views
from workbench.tasks.compare.comparison import Comparison
from workbench.tasks.result import Result
from workbench.tasks.views import escape

FOLDER = "markdown"
INDEX = "index.md"


@contextmanager
def markdown(folder: Path, title: str, aside: Path) -> Iterator[Take]:
    """Write ``markdown/``: a file for each result, and ``index.md``.

    The index lists wrong facts, failures and all results, in this order.
    """
    place = folder / FOLDER
    place.mkdir()
    names = Names()
    lists = {name: aside / f"index-{name}" for name in ("wrong", "failed", "done")}
    with (
        lists["wrong"].open("w+", encoding="utf-8") as wrong,
        lists["failed"].open("w+", encoding="utf-8") as failed,
        lists["done"].open("w+", encoding="utf-8") as done,
    ):

        def take(told: Told) -> None:
            if told.made is None:
                failed.write(f"- {escape(told.name)} · {_asked(told)}: {escape(told.error)}\n")
                return
            name = names.stem(told) + ".md"
            (place / name).write_text(page(told), encoding="utf-8", newline="\n")
            link = f"[{escape(told.title)}](<{quote(name)}>)"
            about = [told.row.article.get("date"), told.row.article.get("source"), told.name]
            said = " · ".join(escape(clean(one)) for one in about if one)
            done.write(f"- {link} · {said} · {_asked(told)}\n")
            for check, where in told.wrong:
                wrong.write(
                    f"- **{escape(clean(check.text))}**: {escape(said_of(check))}"
                    f" ({link}: {escape(where)})\n"
                )

        yield take
        with (place / INDEX).open("w", encoding="utf-8", newline="\n") as index:
            index.write(f"# {escape(title)}\n")
            for heading, stream in (
                (_("Wrong facts"), wrong),
                (_("Failures"), failed),
                (_("Results"), done),
            ):
                if stream.tell():
                    index.write(f"\n## {escape(heading)}\n\n")
                    stream.seek(0)
                    shutil.copyfileobj(stream, index)


def page(told: Told) -> str:
    """Return the file of one result: front matter in YAML, then what a reader sees."""
    import yaml

    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    head = yaml.dump(
        _front(told), Dumper=dumper, allow_unicode=True, sort_keys=False, default_flow_style=False
    )
    return f"---\n{head}---\n\n{clean(_body(told.made))}"


def _body(made: Result | Comparison | Answer | None) -> str:
    if isinstance(made, Comparison):
        return comparison_views.as_markdown(made)
    if isinstance(made, Answer):
        return answer_views.as_markdown(made)
    return views.as_markdown(made) if made is not None else ""


def _front(told: Told) -> dict[str, Any]:
    article, made = told.row.article, told.made
    found: dict[str, Any] = {
        "title": told.title,
        "task": told.row.task,
        "template": told.template,
        "model": told.model,
        "question": clean(told.row.work.get("question") or ""),
        "article": told.name,
        "article_title": clean(article.get("title") or ""),
        "date": clean(article.get("date") or ""),
        "source": clean(article.get("source") or ""),
        "script": clean(article.get("script") or ""),
        "sha256": clean(article.get("sha256") or ""),
        "tags": [clean(tag) for tag in article.get("tags") or ()],
        "other_articles": [article_name(one) for one in told.row.others],
        "facts": len(told.checks),
        "wrong_facts": [clean(check.text) for check, _where in told.wrong],
        "support": round(told.support, 3) if told.support is not None else None,
        "seconds": round(told.row.seconds or (made.seconds if made else 0.0), 2),
    }
    return {name: value for name, value in found.items() if value not in ("", None, [])}


def _asked(told: Told) -> str:
    asked = [told.template, told.model]
    if told.made is None:
        asked.append(clean(told.row.work.get("question") or ""))
    return escape(" / ".join(one for one in asked if one))
