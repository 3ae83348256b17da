"""The text of a section: tables whose cells carry the IDs that entries point at."""

from backend.domain.formats.cda_writer.elements import Element, el
from backend.domain.formats.cda_writer.layout import Battery, Isolate, Leaf, Line
from backend.domain.formats.cda_writer.values import say_bounds, say_value
from backend.domain.reports import Media, ValueKind

COLUMNS = ("Examen", "Résultat", "Valeurs de référence", "Antériorité")


def write_text(leaf: Leaf, images: tuple[Media, ...]) -> Element:
    """Everything the section says, readable without its entries."""
    blocks: list[Element] = []
    for isolate in leaf.isolates:
        blocks += _isolate(isolate)
    blocks += [_comment(line, rank) for line in leaf.lines for rank in _ranks(line)]
    blocks += [image(media) for media in images]
    return el("text", blocks)


def content(cell: str, text: str) -> Element:
    """A piece of text that an entry can point at."""
    return el("content", text, ID=cell)


def image(media: Media) -> Element:
    """Where an attached file is shown."""
    caption = el("caption", media.title) if media.title else None
    return el("renderMultiMedia", caption, referencedObject=media.id)


def _isolate(isolate: Isolate) -> list[Element]:
    tables = [_table(battery) for battery in isolate.batteries]
    if not isolate.germ:
        return tables
    return [
        el("paragraph", "Isolat : ", content(isolate.cell(), isolate.germ)),
        *tables,
    ]


def _table(battery: Battery) -> Element:
    title = battery.first.battery_title
    caption = el("caption", title, ID=battery.cell("groupe")) if title else None
    head = el("thead", el("tr", [el("th", name) for name in COLUMNS]))
    body = el("tbody", [_row(line) for line in battery.lines])
    return el("table", caption, head, body, border="0")


def _row(line: Line) -> Element:
    result = line.result
    label = el("td", content(line.cell("examen"), result.label), *_method(line))
    return el("tr", label, _outcome(line), _range(line), el("td", _history(line)))


def _method(line: Line) -> list[Element | str]:
    if not line.result.method:
        return []
    return [" ", content(line.cell("methode"), line.result.method)]


def _outcome(line: Line) -> Element:
    result = line.result
    if result.value.kind is ValueKind.NONE:
        return el("td", "Pas de résultat")
    words = " soit ".join(say_value(value) for value in (result.value, *result.also))
    flags = f" ({', '.join(result.flags)})" if result.flags else ""
    return el("td", content(line.cell("resultat"), words), flags)


def _range(line: Line) -> Element:
    bounds = line.result.bounds
    if bounds is None:
        return el("td")
    words = content(line.cell("repere"), bounds.text) if bounds.text else None
    return el("td", say_bounds(bounds), " " if words is not None else "", words)


def _history(line: Line) -> str:
    return " ; ".join(
        f"{say_value(past.value)} ({past.on:%d/%m/%Y})" if past.on else say_value(past.value)
        for past in line.result.previous
    )


def _ranks(line: Line) -> range:
    return range(len(line.result.comments))


def _comment(line: Line, rank: int) -> Element:
    cell = line.cell(f"commentaire-{rank + 1}")
    return el("paragraph", content(cell, line.result.comments[rank]))
