"""What the documents name is there: files, and the tests that show how something is defended."""
import glob
import os
import re

import pytest

from kit.process import TOP

DOCUMENTS = ["README.md", "docs/architecture.md", "docs/http-api.md", "docs/performance.md",
             "docs/threat-model.md"]
PLACES = "docs|etc|kernels|plugins|src|systemd|tests|tools|web"
OF_THE_BUILD = {"tests/web/pictures"}


def read(name):
    with open(f"{TOP}/{name}", encoding="utf-8") as file:
        return file.read()


def names_in(text):
    return re.findall(r"`([^`\n]+)`", text)


@pytest.mark.short
@pytest.mark.parametrize("document", DOCUMENTS, ids=os.path.basename)
def test_files_that_are_named_are_there(document):
    named = {word for word in names_in(read(document))
             if re.fullmatch(rf"(?:{PLACES})/[\w./*-]+", word)}
    gone = [name for name in named - OF_THE_BUILD
            if not any(glob.glob(f"{TOP}/{name}{end}") for end in ("", ".c"))]
    assert gone == []


def source_of(name):
    """The text of a test that is named with its folder or without, as "test-tls", "test_tls.py"."""
    file = name if re.search(r"\.\w+$", name) else f"{name}.c"
    found = [path for path in (f"{TOP}/{file}", *glob.glob(f"{TOP}/tests/*/{file}"))
             if os.path.exists(path)]
    assert found, f"there is no test {name}"
    return "".join(read(os.path.relpath(path, TOP)) for path in found)


@pytest.mark.short
def test_what_is_defended_is_shown_by_tests_that_there_are():
    table = read("docs/threat-model.md").split("## How")[1].split("## What is left")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 25
    for _, what, _, tests, _ in rows:
        sources = "".join(source_of(name) for name in names_in(tests))
        assert sources, what
        for case in re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+){2,}\b", re.sub(r"`[^`]*`", "", tests)):
            assert re.search(rf"\b{case}\b", sources), f"{what}: there is no {case}"
