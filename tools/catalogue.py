"""Write `locale/cabrank.pot`, every message of the sources; bring the translations up to it and compile them.

Line numbers are left out: with them the file would change with every edit. What was translated and is no longer said is
dropped; what was changed is marked as fuzzy for the translator, and English is said until they have looked.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = Path("locale", "cabrank.pot")
# how a message is marked: in Python, in expressions of the templates, and in both as one or many
MARKS = ("_", "_n:1,2", "gettext", "ngettext:1,2", "later", "date_words:2")

HEADER = """# The words of Cabrank. `make catalogue` writes this; a translation begins with
# `pybabel init --input-file=locale/cabrank.pot --output-dir=locale --domain=cabrank --locale=LANGUAGE`.
msgid ""
msgstr ""
"Project-Id-Version: Cabrank\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


def babel(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", "--quiet", *arguments], cwd=ROOT, check=True)


def extract(to: Path) -> None:
    """All messages, in the order of their files. The date of extraction is left out, for the same reason as lines."""
    marks = [f"--keyword={mark}" for mark in MARKS]
    more = ["--no-default-keywords", "--add-location=file", "--no-wrap", "--sort-by-file", "--project=Cabrank"]
    babel("extract", "--mapping-file=babel.cfg", *marks, *more, f"--output-file={to}", "app", "templates")
    entries = to.read_text().split("\n\n", 1)[1]
    to.write_text(f"{HEADER}\n{entries}")


def main() -> None:
    (ROOT / TEMPLATE).parent.mkdir(exist_ok=True)
    extract(ROOT / TEMPLATE)
    if any(ROOT.glob("locale/*/LC_MESSAGES/cabrank.po")):
        babel(
            "update",
            "--domain=cabrank",
            f"--input-file={TEMPLATE}",
            "--output-dir=locale",
            "--ignore-obsolete",
            "--no-wrap",
        )
        babel("compile", "--domain=cabrank", "--directory=locale", "--statistics")


if __name__ == "__main__":
    main()
