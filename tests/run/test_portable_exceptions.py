"""Exceptions come out of another process as they went in, whatever their classes look like."""

from __future__ import annotations

import pickle
import sys
import threading

import pytest

from gokart.running.failures import PortableFailure, TaskFailure
from gokart.running.portable_exceptions import PortableException


class KeywordError(Exception):
    """Pickles, but cannot be made again from its arguments."""

    def __init__(self, code, *, reason):
        super().__init__(f'{code} because {reason}')
        self.code = code


class WrappingError(Exception):
    """Can be made again from its arguments, as another one."""

    def __init__(self, code):
        super().__init__(f'failed with {code}')


class LockedError(Exception):
    """Has an attribute that cannot be pickled."""

    def __init__(self, message):
        super().__init__(message)
        self.lock, self.left = threading.Lock(), 'left'


class StrangeFileError(FileNotFoundError):
    """Takes other arguments than the class in C that it is made from."""

    def __init__(self, *, path):
        super().__init__(2, 'No such thing', path)


class HoldingError(Exception):
    """Has an attribute that holds other exceptions."""

    def __init__(self, *, held):
        super().__init__('some')
        self.held = held


class ExitingError(Exception):
    """Ends whoever unpickles it."""

    def __reduce__(self):
        return sys.exit, (3,)


def sent(exception):
    return pickle.loads(pickle.dumps(PortableException.of(exception))).restore()


@pytest.mark.parametrize(
    'exception',
    [
        ValueError(1),
        KeywordError(5, reason='rain'),
        WrappingError(5),
        StrangeFileError(path='there'),
        ExitingError('x'),
        SystemExit(4),
        StopIteration(5),
        UnicodeDecodeError('utf-8', b'x', 0, 1, 'odd'),
        ImportError('odd', name='this', path='there'),
    ],
    ids=lambda exception: type(exception).__name__,
)
def test_exception_comes_back_as_it_is(exception):
    back = sent(exception)
    assert (type(back), str(back), vars(back)) == (type(exception), str(exception), vars(exception))


def test_what_the_class_in_c_keeps_comes_back():
    assert sent(StrangeFileError(path='there')).filename == 'there'


def test_class_inside_of_a_function_comes_back_as_it_is():
    class LocalError(Exception):
        pass

    before = LocalError.__dict__.copy()
    assert type(sent(LocalError('x'))) is LocalError
    assert LocalError.__dict__ == before


def test_attributes_that_cannot_be_pickled_are_left_out():
    assert vars(sent(LockedError('x'))) == {'left': 'left'}


@pytest.mark.skipif(sys.version_info < (3, 11), reason='has no groups')
def test_members_of_a_group_come_back_each_on_its_own():
    class LocalError(Exception):
        pass

    members = [ValueError(1), KeywordError(1, reason='x'), ExceptionGroup('inner', [LocalError('y')])]  # noqa: F821
    back = sent(ExceptionGroup('outer', members))  # noqa: F821
    assert [type(member) for member in back.exceptions] == [type(member) for member in members]
    assert type(back.exceptions[2].exceptions[0]) is LocalError


@pytest.mark.skipif(sys.version_info < (3, 11), reason='has no groups')
def test_group_of_what_is_no_error_comes_back():
    back = sent(BaseExceptionGroup('outer', [ValueError(1), KeyboardInterrupt()]))  # noqa: F821
    assert list(map(type, back.exceptions)) == [ValueError, KeyboardInterrupt]


def test_exceptions_in_attributes_come_back():
    error = KeywordError(1, reason='x')
    assert str(sent(HoldingError(held=[error])).held[0]) == '1 because x'


def test_exception_that_holds_itself_comes_back():
    error = HoldingError(held=None)
    error.held = error
    assert str(sent(error)) == 'some'


def test_cause_and_context_come_back():
    error = ValueError('last')
    error.__cause__ = KeywordError(1, reason='x')
    error.__cause__.__context__ = KeyError('first')
    back = sent(error)
    assert (repr(back.__cause__), repr(back.__cause__.__context__)) == (repr(error.__cause__), "KeyError('first')")


def test_causes_in_a_circle_come_to_an_end():
    first, second = ValueError('first'), ValueError('second')
    first.__cause__, second.__cause__ = second, first
    assert str(sent(first).__cause__) == 'second'


def test_what_tblib_tells_pickle_of_exceptions_does_not_count():
    tblib = pytest.importorskip('tblib.pickling_support')

    class LateError(SystemExit):
        pass

    error = LateError(4)
    tblib.install(error)
    assert sent(error).code == 4


def test_remote_traceback_stands_at_the_begin_of_the_causes():
    error = ValueError('last')
    error.__cause__ = KeyError('first')
    back = pickle.loads(pickle.dumps(PortableFailure.of(TaskFailure.of(error)))).restore().exception
    assert repr(back.__cause__) == "KeyError('first')"
    assert 'ValueError: last' in str(back.__cause__.__cause__)


@pytest.mark.skipif(sys.version_info < (3, 11), reason='has no groups')
def test_members_of_a_group_are_described():
    inner = ExceptionGroup('inner', [KeyError('deep')] * 12)  # noqa: F821
    error = ValueError('one')
    error.__cause__ = OSError('disk')
    text = TaskFailure.of(ExceptionGroup('outer', [error, inner])).description  # noqa: F821
    lines = [line.strip() for line in text.splitlines()]
    assert lines[:4] == [
        'ExceptionGroup: outer (2 sub-exceptions)',
        '- ValueError: one',
        'caused by OSError: disk',
        '- ExceptionGroup: inner (12 sub-exceptions)',
    ]
    assert lines[4:] == ["- KeyError: 'deep'"] * 10 + ['- ... and 2 more']
