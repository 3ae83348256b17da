"""Nobody outside `storage` and `access` starts a query on what belongs to a record."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = {"Document", "Version", "StoredResult", "StoredFile", "Notice", "VisibilityChange"}
DESK = {"PatientFile", "IdentityCheck", "DeskVisit", "TrustContract", "IdentityAnomaly"}
MESSAGES = {"Conversation", "Message", "Enclosure"}
FENCED = frozenset(
    DOCUMENTS
    | DESK
    | MESSAGES
    | {"Record", "Identity", "StoredMeasure", "Announcement", "AnnouncementCall"}
)
STATEMENTS = frozenset({"select", "insert", "update", "delete", "exists", "aliased"})
LOOKUPS = frozenset({"get", "get_one", "refresh"})

KEYS = "the account’s own record, found by the account: its key and its state, nothing to show"
ALLOWED = {
    ("services/accounts.py", "Record"): KEYS,
    ("services/sign_in/codes.py", "Record"): KEYS,
    ("services/sign_in/sessions.py", "Record"): KEYS,
    ("services/deposits/actions.py", "VisibilityChange"): "of a document found by its scope",
    ("services/deposits/lookup.py", "Version"): "a second name, joined to the machine’s scope",
}


def crossings(tree: ast.AST) -> Iterator[str]:
    """The fenced tables that this module queries by itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) if name in STATEMENTS:
                    yield from fenced(node.args)
                case ast.Attribute(attr=name) if name in LOOKUPS | STATEMENTS:
                    yield from fenced(node.args)
                case ast.Attribute(attr="select_from"):
                    yield from fenced(node.args)


def fenced(arguments: list[ast.expr]) -> Iterator[str]:
    """`Document`, `Document.id`, `documents.Document`: as a whole argument, not inside a call."""
    for argument in arguments:
        expression = argument.value if isinstance(argument, ast.Starred) else argument
        while isinstance(expression, ast.Attribute):
            if expression.attr in FENCED:
                yield expression.attr
            expression = expression.value
        if isinstance(expression, ast.Name) and expression.id in FENCED:
            yield expression.id


def found() -> set[tuple[str, str]]:
    backend = ROOT / "backend"
    return {
        (path.relative_to(backend).as_posix(), table)
        for path in backend.rglob("*.py")
        if path.relative_to(backend).parts[0] not in {"storage", "access"}
        for table in crossings(ast.parse(path.read_text(encoding="utf-8")))
    }


def test_every_read_starts_from_a_scope() -> None:
    assert found() - set(ALLOWED) == set()


def test_every_exception_is_still_needed() -> None:
    assert set(ALLOWED) - found() == set()


def test_the_fence_sees_what_it_should() -> None:
    lines = {
        "select(Document)": ["Document"],
        "sa.select(documents.Document.id, Version)": ["Document", "Version"],
        "await db.get(Record, id)": ["Record"],
        "db.get_one(Notice, id)": ["Notice"],
        "update(Document).values(masked=False)": ["Document"],
        "select(func.count()).select_from(StoredFile)": ["StoredFile"],
        "documents_for(actor, at).where(Document.id == id)": [],
        "select(Account.id)": [],
        "request.headers.get('authorization')": [],
    }
    for line, tables in lines.items():
        assert list(crossings(ast.parse(f"async def f():\n    {line}"))) == tables, line
