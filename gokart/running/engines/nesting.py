"""Builds inside of bodies: what runs the bodies around."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

_places: ContextVar[tuple[Any, ...]] = ContextVar('places of the bodies around', default=())
"""Executors of this process, and names of places that other processes know as well."""


def runs_body_around(place: Any) -> bool:
    """Whether a body around this call occupies `place`, and waits until this call returns."""
    return any(other is place or other == place for other in _places.get())


def occupy(*places: Any) -> None:
    """Take note, in this context, that `places` run the body that begins."""
    _places.set((*_places.get(), *places))


def named_places() -> tuple[str, ...]:
    """Return those of the places around this call that mean something to other processes."""
    return tuple(place for place in _places.get() if isinstance(place, str))
