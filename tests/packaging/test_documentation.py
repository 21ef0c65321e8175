import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(path for path in ROOT.glob("*.md")),
    *(path for folder in ("docs", "benchmarks", "models") for path in (ROOT / folder).glob("*.md")),
    *(ROOT / "workbench" / "samples").glob("*.md"),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert not [link for link in local if not (page.parent / link).exists()]


@pytest.mark.parametrize("folder", ["docs", "benchmarks"])
def test_the_index_names_everything_in_its_folder(folder: str) -> None:
    index = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    kind = "*.md" if folder == "docs" else "*.py"
    names = {path.name for path in (ROOT / folder).glob(kind)} - {"README.md"}
    assert not {name for name in names if name not in index}
