"""Real text: paragraphs of the documentation that every Debian machine has."""

import itertools
import sys
from glob import iglob
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from corpus import SOURCES, read_text  # noqa: E402


def paragraphs():
    for pattern in SOURCES:
        for name in sorted(iglob(pattern, recursive=True)):
            if not Path(name).is_file():
                continue
            for paragraph in read_text(Path(name)).split("\n\n"):
                text = " ".join(paragraph.split())
                if 80 <= len(text) <= 1500:
                    yield text


def take(count):
    """`count` different ones."""
    found = list(itertools.islice(dict.fromkeys(paragraphs()), count))
    if len(found) < count:
        raise SystemExit(f"this machine has only {len(found)} paragraphs, install more documentation")
    return found
