"""A list as ODS, written row by row: the few parts of OpenDocument 1.3 that a list needs.

A library would hold the document as a tree until its end (docs/decisions, 0017).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from greffe import __version__
from greffe.listing import Cell, Column, Kind, Listing
from greffe.privatefile import private_bytes
from greffe.report.lists.reader import Reader
from greffe.report.lists.sheet import about, data_sheet, sheet_text
from greffe.report.lists.widths import sampled

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}"'
    for name, urn in {
        "office": "office:1.0",
        "style": "style:1.0",
        "text": "text:1.0",
        "table": "table:1.0",
        "fo": "xsl-fo-compatible:1.0",
        "number": "datastyle:1.0",
        "config": "config:1.0",
        "meta": "meta:1.0",
    }.items()
)
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ODF = f'{_NAMESPACES} xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'
_MANIFEST = (
    f'{_XML}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{_TYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{part}.xml" manifest:media-type="text/xml"/>'
        for part in ("content", "styles", "settings", "meta")
    )
    + "</manifest:manifest>"
)
_STYLES = (
    f"{_XML}<office:document-styles {_ODF}><office:automatic-styles>"
    '<style:page-layout style:name="page"><style:page-layout-properties style:print-orientation="landscape"'
    ' fo:page-width="29.7cm" fo:page-height="21cm" fo:margin="1.5cm" style:scale-to-X="1" style:scale-to-Y="0"/>'
    '</style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name="Default"'
    ' style:page-layout-name="page"><style:footer><text:p><text:sheet-name/>, <text:page-number/> / <text:page-count/>'
    "</text:p></style:footer></style:master-page></office:master-styles></office:document-styles>"
)
_LETTER = 0.21
"""Centimetres that a letter takes."""
_LINE_END = re.compile(r"\r\n?|\n")
_BLANKS = re.compile(r"  +|^ | $")


def write(listing: Listing, path: Path, reader: Reader) -> int:
    """A sheet with the list, and one that says what it is."""
    widths, rows = sampled(listing, reader)
    with private_bytes(path) as file, ZipFile(file, "w") as parts:
        # programs tell the kind of file by this part: the first, and not compressed
        _part(parts, "mimetype", _TYPE, ZIP_STORED)
        with parts.open(_info("content.xml"), "w", force_zip64=True) as content:
            number = _content(content, listing, reader, widths, rows)
        _part(parts, "styles.xml", _STYLES)
        _part(parts, "settings.xml", _settings(data_sheet(listing, reader)))
        _part(parts, "meta.xml", _meta(listing, reader))
        _part(parts, "META-INF/manifest.xml", _MANIFEST)
    return number


def _info(name: str, kind: int = ZIP_DEFLATED) -> ZipInfo:
    info = ZipInfo(name)
    info.compress_type = kind
    return info


def _part(parts: ZipFile, name: str, text: str, kind: int = ZIP_DEFLATED) -> None:
    parts.writestr(_info(name, kind), text)


def _content(
    file: IO[bytes], listing: Listing, reader: Reader, widths: Sequence[int], rows: Iterable[Sequence[Cell]]
) -> int:
    sheet = quoteattr(data_sheet(listing, reader))
    columns = "".join(f'<table:table-column table:style-name="c{w}"/>' for w in widths)
    head = "".join(_text(h, "head") for h in reader.headings(listing))
    file.write(
        (
            f"{_XML}<office:document-content {_ODF}>{_automatic(reader, {*widths, 14, 80})}<office:body><office:spreadsheet>"
            f"<table:table table:name={sheet}>{columns}<table:table-header-rows><table:table-row>{head}</table:table-row>"
            "</table:table-header-rows>\n"
        ).encode()
    )
    number = 0
    for row in rows:
        cells = "".join(_cell(reader, c, cell) for c, cell in zip(listing.columns, row, strict=True))
        file.write(f"<table:table-row>{cells}</table:table-row>\n".encode())
        number += 1
    lines = "".join(
        f"<table:table-row>{_text(what)}{_text(value)}</table:table-row>"
        for what, value in about(listing, reader, number)
    )
    # the range that has the marks of the filter; a sheet's name with a blank stands in apostrophes
    name = f"'{data_sheet(listing, reader)}'"
    last = f"{_letters(len(widths) - 1)}{number + 1}"
    filtered = quoteattr(f"{name}.A1:{name}.{last}")
    file.write(
        (
            f"</table:table><table:table table:name={quoteattr(reader.say('sheet'))}>"
            f'<table:table-column table:style-name="c14"/><table:table-column table:style-name="c80"/>{lines}</table:table>'
            f'<table:database-ranges><table:database-range table:name="list" table:target-range-address={filtered}'
            ' table:display-filter-buttons="true"/></table:database-ranges>'
            "</office:spreadsheet></office:body></office:document-content>"
        ).encode()
    )
    return number


def _automatic(reader: Reader, widths: set[int]) -> str:
    columns = "".join(
        f'<style:style style:name="c{w}" style:family="table-column"><style:table-column-properties'
        f' style:column-width="{w * _LETTER:.2f}cm"/></style:style>'
        for w in sorted(widths)
    )
    year, month, day = (
        '<number:year number:style="long"/>',
        '<number:month number:style="long"/>',
        '<number:day number:style="long"/>',
    )
    dash, slash = "<number:text>-</number:text>", "<number:text>/</number:text>"
    date = dash.join((year, month, day)) if reader.language == "en" else slash.join((day, month, year))
    return (
        f'<office:automatic-styles>{columns}<number:date-style style:name="date">{date}<number:text> </number:text>'
        '<number:hours number:style="long"/><number:text>:</number:text><number:minutes number:style="long"/>'
        '</number:date-style><number:number-style style:name="count"><number:number number:min-integer-digits="1"'
        ' number:decimal-places="0" number:grouping="true"/></number:number-style>'
        '<style:style style:name="head" style:family="table-cell"><style:table-cell-properties fo:wrap-option="wrap"'
        ' fo:border-bottom="0.5pt solid #000000"/><style:text-properties fo:font-weight="bold"/></style:style>'
        '<style:style style:name="moment" style:family="table-cell" style:data-style-name="date">'
        '<style:table-cell-properties style:text-align-source="fix"/><style:paragraph-properties fo:text-align="start"/>'
        '</style:style><style:style style:name="number" style:family="table-cell" style:data-style-name="count"/>'
        "</office:automatic-styles>"
    )


def _cell(reader: Reader, column: Column, cell: Cell) -> str:
    cell = reader.only(column, cell)
    if isinstance(cell, int):
        if column.kind is Kind.NUMBER:
            return f'<table:table-cell table:style-name="number" office:value-type="float" office:value="{cell}"/>'
        if cell and (local := reader.local(cell)):
            return (
                '<table:table-cell table:style-name="moment" office:value-type="date"'
                f' office:date-value="{local:%Y-%m-%dT%H:%M:%S}"/>'
            )
    return _text(reader.text(column, cell))


def _text(text: str, style: str = "") -> str:
    if not text:
        return "<table:table-cell/>"
    named = f' table:style-name="{style}"' if style else ""
    lines = "".join(f"<text:p>{_line(line)}</text:p>" for line in _LINE_END.split(sheet_text(text)))
    return f'<table:table-cell{named} office:value-type="string">{lines}</table:table-cell>'


def _line(line: str) -> str:
    """OpenDocument takes blanks in a row for one, unless they are elements; a tab is a blank, since LibreOffice loses it."""
    return _BLANKS.sub(lambda m: f'<text:s text:c="{len(m[0])}"/>', escape(line.replace("\t", " ")))


def _letters(column: int) -> str:
    """How a spreadsheet calls a column: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _settings(sheet: str) -> str:
    """The headings stay in sight: the window is split below the first row, and the split is fixed."""
    item = '<config:config-item config:name="{}" config:type="{}">{}</config:config-item>'.format
    frozen = "".join(
        item(*each)
        for each in (
            ("VerticalSplitMode", "short", 2),
            ("VerticalSplitPosition", "int", 1),
            ("ActiveSplitRange", "short", 2),
            ("PositionTop", "int", 0),
            ("PositionBottom", "int", 1),
        )
    )
    return (
        f'{_XML}<office:document-settings {_ODF}><office:settings><config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        f"{item('ActiveTable', 'string', escape(sheet))}"
        f'<config:config-item-map-named config:name="Tables"><config:config-item-map-entry config:name={quoteattr(sheet)}>'
        f"{frozen}</config:config-item-map-entry></config:config-item-map-named></config:config-item-map-entry>"
        "</config:config-item-map-indexed></config:config-item-set></office:settings></office:document-settings>"
    )


def _meta(listing: Listing, reader: Reader) -> str:
    title = escape(sheet_text(reader.titled(listing)))
    return (
        f"{_XML}<office:document-meta {_ODF}><office:meta><meta:generator>Greffe/{__version__}</meta:generator>"
        f"<dc:title>{title}</dc:title><dc:language>{reader.language}</dc:language></office:meta></office:document-meta>"
    )
