"""Writes Fixtures/tables and Fixtures/golden/tables.json: workbooks of openpyxl, and what it reads of these and others.

Run from the repository's root, with openpyxl installed, and ../shared/data beside the repository:

    python tools/golden/tables.py

Cells are compared through a SHA-256 over all of them, so that nobody's table is copied here: one line a cell that is
not empty, `A1<TAB>kind<TAB>content<LF>`, rows in order; a number is the 16 hexadecimal digits of its Double.
"""

import datetime
import hashlib
import io
import json
import pathlib
import re
import struct
import zipfile

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

TIME = (1980, 1, 1, 0, 0, 0)


def iso(value):
    """As XLSXCell.date: no time at midnight, milliseconds if there are any, hours of a duration beyond 24."""
    if isinstance(value, datetime.timedelta):
        ms = round(value.total_seconds() * 1000)
    elif isinstance(value, datetime.time):
        ms = ((value.hour * 60 + value.minute) * 60 + value.second) * 1000 + value.microsecond // 1000
    else:
        day = value.strftime("%Y-%m-%d").rjust(10, "0")
        if value.time() == datetime.time():
            return day
        return f"{day}T{iso(value.time())}"
    text = f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}"
    return text + (f".{ms % 1000:03}" if ms % 1000 else "")


def content(cell):
    value = cell.value
    if isinstance(value, bool):
        return "bool", "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return "number", struct.pack(">d", float(value)).hex()
    if isinstance(value, (datetime.datetime, datetime.time, datetime.timedelta)):
        return "date", iso(value)
    if cell.data_type == "e":
        return "error", value
    return "text", str(value)


def sheet_facts(sheet):
    digest = hashlib.sha256()
    count = 0
    total = 0.0
    # Not iter_rows(), which would make every cell up to XFD1048576.
    for _, cell in sorted(sheet._cells.items()):
        if cell.value is None:
            continue
        kind, text = content(cell)
        digest.update(f"{cell.coordinate}\t{kind}\t{text}\n".encode())
        count += 1
        if kind == "number":
            total += float(cell.value)
    return {"name": sheet.title, "cells": count, "sum": total, "sha256": digest.hexdigest()}


def facts(path):
    book = openpyxl.load_workbook(path, data_only=True)
    return [sheet_facts(sheet) for sheet in book.worksheets]


def repack(data, change=lambda name, content: content, method=zipfile.ZIP_DEFLATED):
    """The same archive with fixed times and changed parts."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(output, "w") as goal:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, TIME)
            info.compress_type = method
            goal.writestr(info, change(name, source.read(name)))
    return output.getvalue()


def saved(book):
    book.properties.created = book.properties.modified = datetime.datetime(2000, 1, 1)
    output = io.BytesIO()
    book.save(output)
    # openpyxl stamps the time of saving.
    return repack(output.getvalue(),
                  lambda name, data: re.sub(rb"20\d\d-\d\d-\d\dT[\d:]+Z", b"2000-01-01T00:00:00Z", data)
                  if name == "docProps/core.xml" else data)


def dates(is1904):
    book = openpyxl.Workbook()
    if is1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "dates"
    formats = ["yyyy-mm-dd", "d/m/yy h:mm", "h:mm:ss AM/PM", "[$-409]d mmm yyyy;@", "mm-dd-yy", "mmm-yy", "[h]:mm:ss",
               "General", "0.00", '0 "days"', "[Red]0.0", "\\d0", "yyyy\"年\"m\"月\"", "0.00E+00", "#,##0", "mm:ss.0"]
    serials = [1, 1.5, 58, 59, 61, 61.25, 1462, 2000.123456, 36526, 43891.34375, 43891.999999999, 0.34375, 45000.5, 2.75,
               2957002]
    for column, form in enumerate(formats, 1):
        for row, serial in enumerate(serials, 1):
            cell = sheet.cell(row, column, serial)
            cell.number_format = form
    return saved(book)


def mixed():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "mixed & <odd>"
    bold = InlineFont(b=True)
    sheet.append(["id", "text", "number", "flag", "note"])
    sheet.append([1, CellRichText("one ", TextBlock(bold, "bold"), " end"), 1.5, True, "  blanks  "])
    sheet.append([2, "ä € 漢字 𝄞", -0.1, False, "two\nlines"])
    sheet.append([3, "<a> & \"b\" 'c'", 1e300, None, "#N/A"])
    sheet.append([4, "", 123456789012345678, True, "tab\there"])
    sheet["C9"] = 5e-324
    sheet["XFD1048576"] = "last"
    other = book.create_sheet("second")
    other["B2"] = 7
    return saved(book)


def strange(data):
    """What openpyxl does not write: inline texts, results of formulas, phonetic readings, cells without places, blanks."""
    def change(name, content):
        if name == "xl/worksheets/sheet1.xml":
            return b"""<?xml version="1.0" encoding="UTF-8"?>
<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>
<x:row r="2"><x:c t="inlineStr"><x:is><x:t xml:space="preserve"> in </x:t></x:is></x:c>
<x:c t="inlineStr"><x:is><x:r><x:t>ri</x:t></x:r><x:r><x:t>ch</x:t></x:r></x:is></x:c><x:c r="E2"><x:f>1+1</x:f><x:v>2</x:v></x:c>
<x:c t="str"><x:f>"a"</x:f><x:v>a</x:v></x:c><x:c t="b"><x:f>TRUE()</x:f><x:v>1</x:v></x:c><x:c t="e"><x:v>#DIV/0!</x:v></x:c></x:row>
<x:row><x:c t="s"><x:v>0</x:v></x:c><x:c/><x:c><x:v/></x:c><x:c t="n"><x:v>-1.25E-3</x:v></x:c></x:row>
<x:row r="9"><x:c r="C9" t="str"><x:v><![CDATA[<&>]]></x:v></x:c></x:row>
</x:sheetData></x:worksheet>"""
        if name == "xl/_rels/workbook.xml.rels":
            return content.replace(b"</Relationships>", b'<Relationship Id="rId99" Target="/xl/sharedStrings.xml" '
                                   b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"'
                                   b"/></Relationships>")
        if name == "[Content_Types].xml":
            return content.replace(b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
                                   b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>')
        return content
    strings = ("<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><si><r><t>東</t></r><r><t>京</t>"
               "</r><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh><phoneticPr fontId=\"1\"/></si></sst>")
    output = io.BytesIO(repack(data, change))
    with zipfile.ZipFile(output, "a") as goal:
        info = zipfile.ZipInfo("xl/sharedStrings.xml", TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        goal.writestr(info, strings)
    return output.getvalue()


def bomb(data):
    """A sheet of 64 MiB of blanks in 64 KiB."""
    blanks = b"<worksheet>" + b" " * (64 << 20) + b"</worksheet>"
    return repack(data, lambda name, content: blanks if name == "xl/worksheets/sheet1.xml" else content)


def main():
    folder = pathlib.Path("Fixtures/tables")
    folder.mkdir(parents=True, exist_ok=True)
    plain = openpyxl.Workbook()
    plain.active.append(["a", 1])
    plain = saved(plain)
    made = {"dates-1900": dates(False), "dates-1904": dates(True), "mixed": mixed(), "strange": strange(plain),
            "plain": plain, "bomb": bomb(plain)}
    golden = {}
    for name, data in made.items():
        (folder / f"{name}.xlsx").write_bytes(data)
        if name != "bomb":
            golden[f"{name}.xlsx"] = facts(folder / f"{name}.xlsx")
    for path in sorted(pathlib.Path("../shared/data/chapman_original").glob("*.xlsx")):
        golden[path.name] = facts(path)
    with open("Fixtures/golden/tables.json", "w", encoding="utf-8") as file:
        json.dump(golden, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
