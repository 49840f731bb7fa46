"""SQLite keeps the text that made an object: the same text again, free of what is only its writer's hand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from migrator.database.statements.lexing import pieces

RESERVED: Final = frozenset(
    {
        "ADD", "ALL", "ALTER", "AND", "AS", "AUTOINCREMENT", "BETWEEN", "CASE", "CHECK", "COLLATE", "COMMIT",
        "CONSTRAINT", "CREATE", "DEFAULT", "DEFERRABLE", "DELETE", "DISTINCT", "DROP", "ELSE", "ESCAPE", "EXISTS",
        "FOREIGN", "FROM", "GROUP", "HAVING", "IN", "INDEX", "INSERT", "INTERSECT", "INTO", "IS", "ISNULL", "JOIN",
        "LIMIT", "NOT", "NOTHING", "NOTNULL", "NULL", "ON", "OR", "ORDER", "PRIMARY", "REFERENCES", "RETURNING",
        "SELECT", "SET", "TABLE", "THEN", "TO", "TRANSACTION", "UNION", "UNIQUE", "UPDATE", "USING", "VALUES", "WHEN",
        "WHERE",
    }
)  # fmt: skip
"""Words that are no names unless they are quoted."""
_MEANT_OTHERWISE: Final = frozenset(
    {
        "BEGIN", "CAST", "CROSS", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "END", "EXCEPT", "FALSE",
        "FILTER", "FULL", "GLOB", "INNER", "LEFT", "LIKE", "MATCH", "NATURAL", "OID", "OUTER", "OVER", "RAISE",
        "REGEXP", "RIGHT", "ROWID", "TRUE", "WINDOW", "WITH",
    }
)  # fmt: skip
"""Words that without quotes mean something else than a name at some place."""
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS: Final = frozenset("<>=!|&-")
_TYPE_MARKS: Final = re.compile(r"\s*([(),])\s*")


def tokens(sql: str) -> list[str]:
    """The words and marks of a text: comments left out, key words in capitals, no quotes around plain names."""
    found: list[str] = []
    end = -1
    for piece in pieces(sql, "sqlite"):
        text = piece[0]
        if found and piece.start() == end and (_is_operator(found[-1], text) or _is_sign(found)):
            found[-1] += text
        else:
            found.append(_token(text))
        end = piece.end()
    return found


def _is_operator(before: str, text: str) -> bool:
    return text in _OPERATORS and before[-1] in _OPERATORS


def _is_sign(found: list[str]) -> bool:
    """Whether the last token is the minus of a number and not of a subtraction."""
    if found[-1] != "-":
        return False
    return len(found) == 1 or found[-2] in RESERVED or found[-2][-1] in "(,<>=|"


def _token(text: str) -> str:
    if text[0] in '"`[' and len(text) > 1:
        closing = "]" if text[0] == "[" else text[0]
        return quoted(text[1:-1].replace(closing * 2, closing))
    return text.upper() if text.upper() in RESERVED else text


def quoted(name: str) -> str:
    """A name as it must be written in a statement."""
    if _PLAIN_NAME.fullmatch(name) and name.upper() not in RESERVED | _MEANT_OTHERWISE:
        return name
    return '"' + name.replace('"', '""') + '"'


def written(texts: Iterable[str]) -> str:
    """Write tokens as a statement, with white space in the usual places."""
    sql, before = "", ""
    for text in texts:
        sql += f" {text}" if _is_apart(before, text) else text
        before = text
    return sql


def _is_apart(before: str, text: str) -> bool:
    if not before or before in "(." or text in ").,;":
        return False
    return text != "(" or before in RESERVED or not (before[-1].isalnum() or before[-1] in '_"')


def without_parentheses(texts: list[str]) -> list[str]:
    """An expression without the parentheses around the whole of it: each rewriting of a table may add a pair."""
    while len(texts) > 1 and texts[0] == "(" and _closing(texts) == len(texts) - 1:
        texts = texts[1:-1]
    return texts


def _closing(texts: list[str]) -> int:
    """Where the parenthesis ends that the first token opens; behind the end when it is not closed."""
    depth = 0
    for at, text in enumerate(texts):
        depth += (text == "(") - (text == ")")
        if depth == 0:
            return at
    return len(texts)


def expression(sql: str) -> str:
    """An expression, such as a default, that can be compared with another."""
    return written(without_parentheses(tokens(sql)))


def column_type(declared: str) -> str:
    """A declared type that can be compared with another.

    TIMESTAMP and DATETIME have the same affinity, and a table rewritten by a batch operation may have the other one of
    the two.
    """
    spaced = _TYPE_MARKS.sub(r"\1", " ".join(declared.upper().split())).replace(",", ", ")
    return "DATETIME" if spaced == "TIMESTAMP" else spaced
