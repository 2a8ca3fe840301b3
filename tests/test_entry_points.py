"""What other packages add is found by name, made by one call, and checked before it is used."""

from __future__ import annotations

import sys
import traceback
from importlib.metadata import EntryPoint

import pytest

from gokart.entry_points import EntryPoints
from gokart.errors import GokartError

GROUP = 'gokart.test_shelves'
SECRET = 'open sesame'


class Shelf:
    """What each entry point has to make."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def put(self):
        raise NotImplementedError

    def _dust(self):
        raise NotImplementedError


class Box:
    def put(self):
        raise NotImplementedError


def telling(*arguments):
    raise LookupError(f'no way to {arguments}')


SHELVES = EntryPoints(GROUP, 'The shelf {}', Shelf, GokartError)


@pytest.fixture
def install(monkeypatch):
    """Install packages that add shelves: ``install(name=value)``."""
    installed = []
    monkeypatch.setattr('importlib.metadata.entry_points', lambda group: installed if group == GROUP else [])
    monkeypatch.setitem(sys.modules, 'a_package', sys.modules[__name__])

    def add(name, value):
        installed.append(EntryPoint(name, value, GROUP))

    return add


def test_nothing_is_made_of_what_nobody_adds(install):
    install('other', 'a_package:Shelf')
    assert SHELVES.make('wall') is None


def test_it_is_made_with_the_arguments(install):
    install('wall', 'a_package:Shelf')
    assert SHELVES.make('wall', 'oak', 3).arguments == ('oak', 3)


def test_it_is_made_anew_for_each_who_asks(install):
    install('wall', 'a_package:Shelf')
    assert SHELVES.make('wall') is not SHELVES.make('wall')


def test_names_are_those_that_mean_something_else_and_sorted(install):
    for name in ('wall', 'WALL', 'Corner'):
        install(name, 'a_package:Shelf')
    assert SHELVES.names() == ['corner', 'wall']


def test_what_counts_as_the_same_name_is_a_choice(install):
    install('.wall', 'a_package:Shelf')
    dotted = EntryPoints(GROUP, 'The shelf {}', Shelf, GokartError, lambda name: name.lstrip('.'))
    assert isinstance(dotted.make('wall'), Shelf)


def test_two_packages_that_add_one_are_an_error_that_names_both_and_the_cure(install):
    install('wall', 'a_package:Shelf')
    install('Wall', 'another_package:Shelf')
    with pytest.raises(GokartError, match=r'shelf wall .*: a_package:Shelf and another_package:Shelf\. Uninstall'):
        SHELVES.make('wall')


def test_a_package_that_is_found_twice_is_one(install):
    install('wall', 'a_package:Shelf')
    install('wall', 'a_package:Shelf')
    assert isinstance(SHELVES.make('wall'), Shelf)


def test_words_of_a_failure_are_told_where_nothing_was_handed_over(install):
    install('wall', 'a_package:telling')
    with pytest.raises(GokartError, match=r"'wall' = 'a_package:telling', cannot be made: LookupError: no way to \(\)"):
        SHELVES.make('wall')


def test_words_of_a_failure_are_not_told_where_they_may_hold_what_was_handed_over(install):
    install('wall', 'a_package:telling')
    with pytest.raises(GokartError, match=r'cannot be made: LookupError\.$') as caught:
        SHELVES.make('wall', SECRET)
    assert SECRET not in ''.join(traceback.format_exception(caught.value))


def test_why_a_module_cannot_be_imported_is_told_in_any_case(install):
    install('wall', 'package_that_is_not_there:Shelf')
    with pytest.raises(GokartError, match="ModuleNotFoundError: No module named 'package_that_is_not_there'"):
        SHELVES.make('wall', SECRET)


def test_something_that_lacks_public_methods_is_refused(install):
    install('wall', 'builtins:dict')
    with pytest.raises(GokartError, match=r'is a dict, no Shelf: it lacks put\.$'):
        SHELVES.make('wall')


def test_methods_alone_make_it_one(install):
    install('wall', 'a_package:Box')
    assert isinstance(SHELVES.make('wall'), Box)
