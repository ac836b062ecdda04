"""Open311 GeoReport v2 on the wire: the same values as XML and JSON, errors included.

XML is the format that the specification requires; JSON has the same names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson
from starlette.responses import Response

XML, JSON = "xml", "json"
TYPES: Mapping[str, str] = {
    XML: "text/xml; charset=utf-8",
    JSON: "application/json; charset=utf-8",
}
Item: TypeAlias = Mapping[str, "str | int | bool | Sequence[Item]"]


def answer(format: str, root: str, item: str, items: Sequence[Item], status: int = 200) -> Response:
    """Return a list: `<root><item>…` in XML, an array of objects in JSON."""
    body = orjson.dumps(items)
    if format == XML:
        top = Element(root)
        for one in items:
            _fill(SubElement(top, item), one)
        body = tostring(top, encoding="UTF-8", xml_declaration=True)
    return _response(body, format, status)


def single(format: str, root: str, value: Item) -> Response:
    """Return one value: `<root>` in XML, an object in JSON."""
    body = orjson.dumps(value)
    if format == XML:
        top = Element(root)
        _fill(top, value)
        body = tostring(top, encoding="UTF-8", xml_declaration=True)
    return _response(body, format, 200)


def error(format: str, status: int, description: str) -> Response:
    """Return one error: a list of `code` and `description`."""
    return answer(format, "errors", "error", [{"code": status, "description": description}], status)


def _response(body: bytes, format: str, status: int) -> Response:
    headers = {"content-type": TYPES[format], "cache-control": "no-store"}
    return Response(body, status, headers=headers)


def _fill(element: Element, value: Item) -> None:
    for name, found in value.items():
        child = SubElement(element, name)
        if isinstance(found, bool):
            child.text = "true" if found else "false"
        elif isinstance(found, str | int):
            child.text = str(found)
        else:
            for one in found:
                _fill(SubElement(child, name.removesuffix("s")), one)
