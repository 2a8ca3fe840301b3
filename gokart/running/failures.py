"""What went wrong with a task, as data that can leave the process in which it went wrong."""

from __future__ import annotations

import contextlib
import enum
import os
import textwrap
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import luigi

from gokart.errors import StorageError, UnpicklableError
from gokart.running.portable_exceptions import MAX_CAUSES, PortableException, cause_of

_OWN_CODE = (
    *(f'{directory}{os.sep}' for directory in (Path(str(luigi.__file__)).parent, Path(__file__).parents[1])),
    contextlib.__file__,  # between our ``with`` and our block
)

_MAX_MEMBERS = 10
_MAX_DEPTH = 3


class Stage(enum.Enum):
    """When a task failed; the value is the predicate of the sentence that says so."""

    SCHEDULING = 'could not be scheduled'
    RUNNING = 'failed'


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a traceback."""

    path: str
    line: int
    function: str
    source: str


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """One exception that kept a task from its result."""

    stage: Stage
    exception: Exception
    description: str
    """Type and message of the exception and of its causes."""
    frames: tuple[Frame, ...]
    """The lines of the traceback that belong neither to gokart nor to Luigi, innermost last."""

    @classmethod
    def of(cls, exception: BaseException, stage: Stage = Stage.RUNNING) -> TaskFailure:
        """Describe `exception`, which was just caught."""
        # A body may raise SystemExit as well; for whoever reads the failures it is one exception among others.
        return cls(stage, exception, _describe(exception), tuple(_frames(exception)))  # type: ignore[arg-type]

    def with_hint(self, text: str) -> TaskFailure:
        """Return it with a text for the reader after the description."""
        return replace(self, description=f'{self.description}\n{text}')


@dataclass(frozen=True, slots=True)
class PortableFailure:
    """A `TaskFailure` on its way to another process, which may know the exception's class or not."""

    stage: Stage
    description: str
    frames: tuple[Frame, ...]
    traceback_text: str
    exception: PortableException | None

    @classmethod
    def of(cls, failure: TaskFailure) -> PortableFailure:
        """Pack `failure`."""
        exception = failure.exception
        text = ''.join(traceback.format_exception(type(exception), exception, exception.__traceback__))
        return cls(failure.stage, failure.description, failure.frames, text, PortableException.of(exception))

    def restore(self) -> TaskFailure:
        """Unpack the failure; an `UnpicklableError` stands in for an exception that could not travel."""
        exception = self._restored()
        last = exception
        while earlier := last.__cause__ or last.__context__:
            last = earlier
        # Shown above the exception where it is printed, as `concurrent.futures` does.
        last.__cause__ = _RemoteTraceback(self.traceback_text)
        return TaskFailure(self.stage, exception, self.description, self.frames)  # type: ignore[arg-type]

    def _restored(self) -> BaseException:
        with contextlib.suppress(Exception, SystemExit):
            if self.exception is not None:
                return self.exception.restore()
        return UnpicklableError(self.description, self.traceback_text)


class _RemoteTraceback(Exception):  # noqa: N818 (never raised: it only carries a text to where tracebacks are printed)
    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def _describe(exception: BaseException, depth: int = 0) -> str:
    return '\ncaused by '.join(_describe_alone(found, depth) for found in _with_causes(exception))


def _describe_alone(exception: BaseException, depth: int) -> str:
    members = getattr(exception, 'exceptions', None)
    lines = [''.join(traceback.format_exception_only(type(exception), exception)).rstrip()]
    if isinstance(members, tuple) and depth < _MAX_DEPTH:
        shown = [member for member in members[:_MAX_MEMBERS] if isinstance(member, BaseException)]
        lines += [_as_item(_describe(member, depth + 1)) for member in shown]
        lines += [f'  - ... and {len(members) - len(shown)} more'] if len(members) > len(shown) else []
    return '\n'.join(lines)


def _as_item(text: str) -> str:
    return f'  - {textwrap.indent(text, "    ").lstrip()}'


def _with_causes(exception: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = exception
    for _ in range(MAX_CAUSES):
        if current is None or isinstance(current, _RemoteTraceback):
            return
        yield current
        if isinstance(current, StorageError):  # it says all that the errors of the client say, and the cure
            return
        current = cause_of(current)


def _frames(exception: BaseException) -> Iterator[Frame]:
    for frame in traceback.extract_tb(exception.__traceback__):
        if not frame.filename.startswith(_OWN_CODE):
            yield Frame(frame.filename, frame.lineno or 0, frame.name, (frame.line or '').strip())
