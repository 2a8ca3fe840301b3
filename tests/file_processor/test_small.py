"""The content of small objects is made at once, and is what the processor would have written."""

from __future__ import annotations

import io

import pytest

from gokart.file_processor import PickleFileProcessor, TextFileProcessor
from gokart.file_processor.small import small_content


class Own(PickleFileProcessor):
    def dump(self, obj, file):
        file.write(b'own')


class OwnText(TextFileProcessor):
    pass


@pytest.mark.parametrize('obj', [1, 'text', None, {'a': [1.5, (True, 'ü')]}, {}])
def test_a_pickle_is_the_same(obj):
    file = io.BytesIO()
    PickleFileProcessor().dump(obj, file)
    assert small_content(PickleFileProcessor(), obj) == file.getvalue()


@pytest.mark.parametrize('text', ['', 'line\nline\r\n', 'ü€𝄞'])
def test_a_text_is_the_same(text):
    file = io.BytesIO()
    TextFileProcessor().dump(text, file)
    assert small_content(TextFileProcessor(), text) == file.getvalue()


@pytest.mark.parametrize(
    'obj',
    [object(), list(range(1000)), {1, 2}, lambda: 1, 'a' * 100_000, {'a' * 40_000: ['b' * 40_000]}],
    ids=['object', 'long list', 'set', 'function', 'long text', 'long texts'],
)
def test_what_takes_more_is_left_to_the_processor(obj):
    assert small_content(PickleFileProcessor(), obj) is None


@pytest.mark.parametrize('processor', [Own(), OwnText()], ids=lambda processor: type(processor).__name__)
def test_processors_of_the_users_write_themselves(processor):
    assert small_content(processor, 'text') is None


@pytest.mark.parametrize('obj', [['a'], 'a' * 100_000, '\ud83d'], ids=['list', 'large', 'half a character'])
def test_other_texts_are_left_to_the_processor(obj):
    assert small_content(TextFileProcessor(), obj) is None
