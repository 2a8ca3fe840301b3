"""Exceptions on their way to another process: as they pickle, or taken apart where that fails."""

from __future__ import annotations

import pickle
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from gokart.running.engines import portable
from gokart.running.pickling import dumps_with

MAX_CAUSES = 5
"""How far a chain of causes is followed."""

_UNREADABLE = (Exception, SystemExit)  # whatever the code of a user's class raises


def cause_of(exception: BaseException) -> BaseException | None:
    """Return what is shown as the cause of `exception`."""
    return exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)


@dataclass(frozen=True, slots=True)
class PortableException:
    """An exception as bytes, with those that caused it."""

    content: bytes | _Parts
    cause: PortableException | None
    is_context: bool

    @classmethod
    def of(cls, exception: BaseException, around: Collection[int] = (), depth: int = 0) -> PortableException | None:
        """Pack `exception`; None if what comes out would be another one.

        Args:
            exception: what was raised.
            around: the ids of the exceptions that hold it.
            depth: how many exceptions it has caused.
        """
        content = _whole(exception, _is_like) or _Parts.of(exception, around) or _whole(exception, _is_of_same_class)
        if content is None:
            return None
        cause = cause_of(exception)
        packed = cls.of(cause, around, depth + 1) if cause is not None and depth < MAX_CAUSES else None
        return cls(content, packed, exception.__cause__ is None)

    def restore(self) -> BaseException:
        """Unpack it; raises what unpickling raises."""
        exception: BaseException
        if isinstance(self.content, bytes):
            exception = pickle.loads(self.content)
        else:
            exception = self.content.made(portable.loads(self.content.exception_class))
        if self.cause is not None:
            setattr(exception, '__context__' if self.is_context else '__cause__', self.cause.restore())
        return exception


@dataclass(frozen=True, slots=True)
class _Parts:
    """What an exception is made of without its ``__init__``, which may not take what the exception keeps."""

    exception_class: bytes
    arguments: bytes
    attributes: dict[str, bytes]
    """Those that can be pickled."""

    @classmethod
    def of(cls, exception: BaseException, around: Collection[int]) -> _Parts | None:
        around = {*around, id(exception)}
        try:
            _, arguments, *rest = _builtin_of(type(exception)).__reduce__(exception)
            state: dict[str, Any] = (rest[0] if rest else None) or {}
            pickled = {name: _dumps_or_none(value, around) for name, value in state.items()}
            attributes = {name: data for name, data in pickled.items() if data is not None}
            parts = cls(_dumps_class(type(exception)), _dumps(arguments, around), attributes)
            return parts if _is_like(parts.made(type(exception)), exception) else None
        except _UNREADABLE:
            return None

    def made(self, exception_class: type[BaseException]) -> BaseException:
        """Make the exception again."""
        arguments = pickle.loads(self.arguments)
        exception = exception_class.__new__(exception_class, *arguments)
        _builtin_of(exception_class).__init__(exception, *arguments)  # sets what the class in C keeps
        for name, data in self.attributes.items():
            setattr(exception, name, pickle.loads(data))
        return exception


def _builtin_of(exception_class: type[BaseException]) -> Any:
    return next(kind for kind in exception_class.__mro__ if kind.__module__ == 'builtins')


def _whole(exception: BaseException, is_good: Any) -> bytes | None:
    for pickler in (_PlainPickler, pickle.Pickler):
        try:
            data = dumps_with(pickler, exception)
            if is_good(pickle.loads(data), exception):  # an __init__ of two arguments pickles, and fails only here
                return data
        except _UNREADABLE:
            continue
    return None


class _PlainPickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        # Dask has tblib tell pickle of exceptions in its own way, which loses some, and is slow with tracebacks.
        return obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL) if isinstance(obj, BaseException) else NotImplemented


def _dumps(obj: Any, around: Collection[int]) -> bytes:
    """Pickle a part of an exception; the exceptions in it travel each on its own."""

    class PartPickler(pickle.Pickler):
        def reducer_override(self, obj: Any) -> Any:
            if not isinstance(obj, BaseException):
                return NotImplemented
            packed = None if id(obj) in around else PortableException.of(obj, around)
            if packed is None:
                raise pickle.PicklingError(f'{type(obj).__name__} cannot travel')
            return PortableException.restore, (packed,)

    return dumps_with(PartPickler, obj)


def _dumps_or_none(obj: Any, around: Collection[int]) -> bytes | None:
    try:
        data = _dumps(obj, around)
        pickle.loads(data)
    except _UNREADABLE:
        return None
    return data


def _dumps_class(exception_class: type) -> bytes:
    try:
        data = pickle.dumps(exception_class)
        if pickle.loads(data) is exception_class:
            return data
    except _UNREADABLE:
        pass
    return portable.dumps_to_driver(exception_class)


def _is_of_same_class(copy: Any, exception: BaseException) -> bool:
    return type(copy) is type(exception)


def _is_like(copy: Any, exception: BaseException) -> bool:
    if not _is_of_same_class(copy, exception) or _text(copy) != _text(exception):
        return False
    members, wanted = (getattr(group, 'exceptions', None) for group in (copy, exception))
    if not isinstance(wanted, tuple):
        return True
    return isinstance(members, tuple) and len(members) == len(wanted) and all(map(_is_like, members, wanted))


def _text(exception: BaseException) -> str:
    try:
        return re.sub('0x[0-9a-fA-F]+', '', str(exception))  # addresses are never the same
    except _UNREADABLE:
        return ''
