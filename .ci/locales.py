"""Keep the catalogues of interface texts: extract, update, derive, compile.

``python .ci/locales.py``. ``zh_CN`` is translated by hand; ``zh_TW`` is derived from it through
OpenCC's s2twp (Taiwan standard with its own wording), with the corrections by hand that stand in
``zh_TW/corrections.toml``. All that is written is the same from run to run, so a change shows only
what changed.
"""

import ast
import io
import sys
import tomllib
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from opencc import OpenCC

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "workbench" / "locales"
DOMAIN = "workbench"
HAND, DERIVED = "zh_CN", "zh_TW"


def texts_of(source: str) -> list[str]:
    """Return the texts a module marks with ``_("…")`` or ``N_("…")``, in the order they stand.

    ``N_`` marks a text that stands in a table and is translated where it is shown. Read from the
    syntax tree, since a tokeniser sees the calls inside f-strings only from Python 3.12 on.
    """
    found = [
        (node.lineno, node.col_offset, node.args[0].value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "N_")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]
    return [text for _line, _column, text in sorted(found)]


def extracted() -> Catalog:
    """Collect the texts of the package's modules, and the reasons of its rules."""
    catalog = Catalog(domain=DOMAIN, project="workbench", fuzzy=False)
    for path in sorted((ROOT / "workbench").rglob("*.py")):
        for text in texts_of(path.read_text(encoding="utf-8")):
            # Line numbers would change with every edit of the code.
            catalog.add(text, locations=[(str(path.relative_to(ROOT)), None)])
    for path in sorted((ROOT / "workbench").rglob("*.toml")):
        for rule in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", []):
            catalog.add(rule["reason"], locations=[(str(path.relative_to(ROOT)), None)])
    return catalog


def read(path: Path, locale: str) -> Catalog:
    """Read a catalogue of translations; an absent one is empty."""
    if not path.exists():
        return Catalog(locale=locale, domain=DOMAIN, project="workbench", fuzzy=False)
    with path.open("rb") as stream:
        return read_po(stream, locale=locale, domain=DOMAIN)


def corrections() -> list[tuple[str, str]]:
    """Return what is corrected by hand in derived texts: what stands there, what is wanted."""
    source = (LOCALES / DERIVED / "corrections.toml").read_text(encoding="utf-8")
    return [(one["derived"], one["wanted"]) for one in tomllib.loads(source)["correction"]]


def derived(catalog: Catalog) -> Catalog:
    """Turn the Simplified translations into those of Taiwan; unfinished ones stay empty.

    What OpenCC leaves as it is said elsewhere is corrected by hand, see ``corrections.toml``.
    """
    by_hand, opencc = corrections(), OpenCC("s2twp")

    def convert(text: str) -> str:
        text = opencc.convert(text)
        for before, after in by_hand:
            text = text.replace(before, after)
        return text.strip() if text.startswith(" Enter") else text

    result = Catalog(locale=DERIVED, domain=DOMAIN, project="workbench", fuzzy=False)
    for message in catalog:
        if message.id:
            text = "" if message.fuzzy or not message.string else convert(message.string)
            result.add(message.id, text, locations=message.locations, context=message.context)
    return result


def as_po(catalog: Catalog, locale: str | None = None) -> bytes:
    """Write a catalogue as PO text, without dates and line numbers."""
    buffer = io.BytesIO()
    write_po(
        buffer, _undated(catalog, locale), width=100, include_lineno=False, ignore_obsolete=True
    )
    return buffer.getvalue()


def as_mo(catalog: Catalog, locale: str) -> bytes:
    """Compile a catalogue; unfinished translations are left out, so their texts stay English."""
    buffer = io.BytesIO()
    write_mo(buffer, _undated(catalog, locale))
    return buffer.getvalue()


class _Undated(Catalog):
    """A catalogue whose header holds no date, version or address."""

    language: str | None = None

    def _headers(self) -> list[tuple[str, str]]:
        return [
            *([("Language", self.language)] if self.language else []),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]

    mime_headers = property(_headers)


def _undated(catalog: Catalog, locale: str | None) -> Catalog:
    copy = _Undated(domain=DOMAIN, project="workbench", fuzzy=False)
    copy.language = locale
    copy.header_comment = "# Interface texts of the workbench."
    for message in catalog:
        if message.id:
            copy[message.id] = message
    return copy


def main() -> int:
    """Bring everything in ``workbench/locales`` up to date."""
    template = extracted()
    hand_path = LOCALES / HAND / "LC_MESSAGES" / f"{DOMAIN}.po"
    hand = read(hand_path, HAND)
    hand.update(template)
    files: dict[Path, bytes] = {LOCALES / f"{DOMAIN}.pot": as_po(template)}
    for locale, catalog in ((HAND, hand), (DERIVED, derived(hand))):
        path = LOCALES / locale / "LC_MESSAGES" / f"{DOMAIN}.po"
        files |= {path: as_po(catalog, locale), path.with_suffix(".mo"): as_mo(catalog, locale)}
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            print(f"wrote {path.relative_to(ROOT)}", file=sys.stderr)
    done = sum(1 for message in hand if message.id and message.string and not message.fuzzy)
    print(f"{done} of {len(template)} texts are translated", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
