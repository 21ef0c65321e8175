import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.M
)


def pins(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version, _marker, hashes in PIN.findall((ROOT / lock).read_text(encoding="utf-8")):
        assert "sha256:" in hashes
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def wanted(*groups: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    entries = list(project["project"]["dependencies"])
    for group in groups:
        entries += [
            entry for entry in project["dependency-groups"][group] if isinstance(entry, str)
        ]
    return [Requirement(entry) for entry in entries]


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("requirements.lock", ("build",)), ("requirements-dev.lock", ("build", "dev"))],
)
def test_lock_has_what_the_project_asks_for(lock: str, groups: tuple[str, ...]) -> None:
    locked = pins(lock)
    stale = [
        str(requirement)
        for requirement in wanted(*groups)
        if not (versions := locked.get(canonicalize_name(requirement.name)))
        or not all(requirement.specifier.contains(version) for version in versions)
    ]
    assert not stale, f"run make lock: {stale}"


def test_developers_run_the_versions_users_run() -> None:
    run, develop = (pins(lock) for lock in LOCKS)
    assert {name: develop.get(name) for name in run} == run


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash=", ""), re.M)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_is_pinned_with_hashes(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and line[0] not in " #"]
    assert len(packages) == sum(len(versions) for versions in pins(lock).values())
