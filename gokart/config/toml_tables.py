"""Tables of TOML as sections of options whose values are texts that Luigi's parameters parse."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any


def sections_of(tables: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the options of each table by the table's dotted name.

    A table in a table is both: the section ``outer.inner``, and in ``outer`` an option whose value is a dict.
    """
    sections: dict[str, dict[str, str]] = {}
    pending = list(tables.items())
    while pending:
        name, table = pending.pop()
        sections[name] = {option: option_text(value) for option, value in table.items()}
        pending += [(f'{name}.{option}', value) for option, value in table.items() if isinstance(value, dict)]
    return sections


def option_text(value: Any) -> str:
    """Return the text that a parameter of the fitting class parses to `value`."""
    if isinstance(value, (bool, list, tuple, Mapping)):
        return json.dumps(value, default=_item, ensure_ascii=False)
    if isinstance(value, datetime.datetime) and value.tzinfo is None:
        return value.strftime('%Y-%m-%dT%H%M%S')  # as luigi.DateSecondParameter writes it
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


def _item(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else option_text(value)
