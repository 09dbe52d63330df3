"""What a search looks through: the words of each initiative in one text, and the index of the parts of those words.

PostgreSQL has trigrams for it (the extension pg_trgm), SQLite a table of FTS5 that triggers keep in step.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import connection, models

from initiatives.models.initiative import Initiative

SHORTEST = 3  # characters of a word that an index of three at a time can find
MOST_WORDS = 8
# Of FTS5; its rows have the numbers of the rows of SearchText, and no text of their own.
INDEX = "initiatives_searchindex"


def folded(text: str) -> str:
    """As texts are compared: capitals, and different ways to write the same character, make no difference."""
    return unicodedata.normalize("NFKC", text.replace("\x00", "")).casefold()


def words_of(sought: str) -> list[str]:
    return sought.replace("\x00", "").split()[:MOST_WORDS]


def text_of(initiative: Initiative) -> str:
    return " ".join(folded(f"{initiative.key} {initiative.title} {initiative.summary}").split())


class SearchTextQuerySet(models.QuerySet["SearchText"]):
    def holding(self, words: Sequence[str]) -> "SearchTextQuerySet":
        """Those that hold every word, anywhere in a word of theirs."""
        found = self
        for word in words:
            found = found.filter(text__contains=folded(word))
        return found

    def newest_holding(self, words: Sequence[str], most: int) -> list[Any]:
        """The ids of the initiatives that hold every word, the newest first, at most so many.

        The index leads to words of SHORTEST characters and more; if all are shorter, the texts are read from the newest on.
        """
        if connection.vendor == "sqlite" and any(len(folded(word)) >= SHORTEST for word in words):
            return _from_index([folded(word) for word in words], most)
        return list(self.holding(words).order_by("-pk").values_list("initiative_id", flat=True)[:most])


def _from_index(words: Sequence[str], most: int) -> list[Any]:
    """A word in quotation marks is a phrase to FTS5, whatever is in it."""
    phrases = " AND ".join('"' + word.replace('"', '""') + '"' for word in words if len(word) >= SHORTEST)
    short = [f"%{connection.ops.prep_for_like_query(word)}%" for word in words if len(word) < SHORTEST]
    also = " AND t.text LIKE %s ESCAPE '\\'" * len(short)
    sql = (
        f"SELECT t.initiative_id FROM {INDEX} x JOIN initiatives_searchtext t ON t.id = x.rowid"  # noqa: S608 — made of constants
        f" WHERE {INDEX} MATCH %s{also} ORDER BY x.rowid DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [phrases, *short, most])
        return [row[0] for row in cursor.fetchall()]


class SearchText(models.Model):
    """Key, title and summary, folded. A projection of the dossier, written with it."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="search_text")
    text = models.TextField()

    objects = SearchTextQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.text[:80]
