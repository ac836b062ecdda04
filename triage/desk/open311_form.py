"""The form of POST requests of Open311 GeoReport v2, read into an intake record.

What cannot be kept (a picture's address, an e-mail address) is left out, and the sender is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.desk.record import IntakeRecord, parse_intake
from triage.intake.reasons import refusal, too_long
from triage.request import Json

SOURCE = "open311"
MAX_DESCRIPTION = 4_000
"""Of the specification, in characters."""
_UNKEPT = {
    "media_url": "media_url 未保存：不收外部链接",
    "email": "email 未保存",
    "address_id": "address_id 未使用：请写 address_string",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """The record, and what its sender should know."""

    record: IntakeRecord
    notices: tuple[str, ...]


def read_submission(
    form: Mapping[str, str], services: Collection[str], *, now: datetime
) -> Submission:
    """Read a form.

    Raises
    ------
    InvalidRequest
        field_missing (service_code, a place, a description), unknown_code, field_type,
        field_too_long, and what `parse_intake` raises.
    """
    service = form.get("service_code", "").strip()
    if not service:
        raise refusal(
            "field_missing", "缺少 service_code", "请从 services 中选", field="service_code"
        )
    if service not in services:
        raise refusal(
            "unknown_code",
            f"没有服务 {service[:24]!r}",
            "请从 services 中选",
            field="service_code",
        )
    description = form.get("description", "")
    if len(description) > MAX_DESCRIPTION:
        raise too_long("description", len(description), limit=MAX_DESCRIPTION)
    if not description.strip():
        raise refusal("field_missing", "缺少 description", "请写明诉求内容", field="description")
    value: dict[str, Json] = {
        "text": "\n".join([description.strip(), *_place(form)]),
        "source": SOURCE,
        "channel": "APP",
        "topic_hint": service,
        "requester": {"name": _name(form), "phone": form.get("phone", "").strip()},
    }
    notices = tuple(text for name, text in _UNKEPT.items() if form.get(name))
    return Submission(parse_intake(value, now=now), notices)


def _place(form: Mapping[str, str]) -> list[str]:
    """Return the place as lines of the text: it is where the matter is, not where one lives."""
    address = form.get("address_string", "").strip()
    given = [form.get(name, "").strip() for name in ("lat", "long")]
    if not address and not all(given):
        raise refusal(
            "field_missing",
            "缺少地点",
            "请给出 address_string，或 lat 和 long",
            field="address_string",
        )
    lines = [f"地点：{address}"] if address else []
    if all(given):
        north = _degrees("lat", given[0], 90, "北纬南纬")
        east = _degrees("long", given[1], 180, "东经西经")
        lines.append(f"坐标：{north}，{east}")
    return lines


def _degrees(field: str, text: str, most: int, names: str) -> str:
    """Return degrees in words: to the mask bare digits look like a telephone number."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        raise refusal("field_type", f"{field} 应为 -{most} 到 {most} 的度数", "WGS84", field=field)
    return f"{names[:2] if value >= 0 else names[2:]}{abs(value):.5f}°"


def _name(form: Mapping[str, str]) -> str:
    """Return the name as its owner writes it: Chinese ones begin with the family's."""
    first, last = (form.get(name, "").strip() for name in ("first_name", "last_name"))
    if (last + first).isascii():
        return f"{first} {last}".strip()
    return last + first
