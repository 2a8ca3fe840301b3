"""Text files are UTF-8 lines on every platform, whether compressed or not."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys

import luigi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.errors import UnencodableTextError
from gokart.file_processor import GzipFileProcessor, TextFileProcessor

PROCESSORS = [TextFileProcessor(), GzipFileProcessor()]
each_processor = pytest.mark.parametrize('processor', PROCESSORS, ids=['txt', 'gz'])


def dumped(processor, obj):
    file = io.BytesIO()
    processor.dump(obj, file)
    return file.getvalue()


def text_of(processor, obj):
    content = dumped(processor, obj)
    return gzip.decompress(content) if isinstance(processor, GzipFileProcessor) else content


@each_processor
@pytest.mark.parametrize(
    ('obj', 'text'),
    [
        (['a', 'b'], 'a\nb\n'),
        ([1, None, [2]], '1\nNone\n[2]\n'),
        ([], ''),
        ([''], '\n'),
        ('one\ntwo', 'one\ntwo'),
        (('a', 'b'), "('a', 'b')"),
        (3, '3'),
        (['三\r\n'], '三\r\n\n'),
    ],
)
def test_list_gives_a_line_each_and_all_else_its_text(processor, obj, text):
    assert text_of(processor, obj) == text.encode()


@each_processor
@pytest.mark.parametrize(
    ('text', 'lines'),
    [
        ('', []),
        ('a \nb\t\n', ['a ', 'b\t']),
        ('a', ['a']),
        ('a\n\n\n', ['a', '', '']),
        ('a\rb\u2028c\x0cd', ['a\rb\u2028c\x0cd']),
    ],
)
def test_only_the_newline_goes_from_a_line(processor, text, lines):
    content = text.encode()
    content = gzip.compress(content, mtime=0) if isinstance(processor, GzipFileProcessor) else content
    assert processor.load(io.BytesIO(content)) == lines


@each_processor
@given(lines=st.lists(st.text().map(lambda text: text.replace('\n', ' '))))
@settings(derandomize=True, max_examples=50)
def test_lines_come_back(processor, lines):
    assert processor.load(io.BytesIO(dumped(processor, lines))) == lines


@each_processor
@pytest.mark.parametrize('obj', ['\ud83d', ['fine', 'half \ud83d']])
def test_character_that_utf_8_has_not_is_refused(processor, obj):
    with pytest.raises(UnencodableTextError, match=r"'utf-8' .*\\ud83d.* Replace it"):
        dumped(processor, obj)


def test_locale_does_not_matter(tmp_path):
    code = (
        'import luigi, sys\n'
        'from gokart.file_processor import TextFileProcessor\n'
        'processor = TextFileProcessor()\n'
        'with luigi.LocalTarget(sys.argv[1], format=processor.format()).open("w") as file:\n'
        '    processor.dump(["\\u4e09"], file)\n'
    )
    environment = {**os.environ, 'LC_ALL': 'C', 'PYTHONUTF8': '0', 'PYTHONCOERCECLOCALE': '0'}
    subprocess.run([sys.executable, '-c', code, str(tmp_path / 'x')], env=environment, check=True)
    assert (tmp_path / 'x').read_bytes() == '三\n'.encode()


def test_newlines_are_not_translated_where_the_system_has_others(tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'linesep', '\r\n')
    processor = TextFileProcessor()
    with luigi.LocalTarget(str(tmp_path / 'x'), format=processor.format()).open('w') as file:
        processor.dump(['a', 'b'], file)
    assert (tmp_path / 'x').read_bytes() == b'a\nb\n'


def test_equal_lines_give_equal_compressed_bytes(tmp_path, monkeypatch):
    """Neither the time nor the name of a temporary file is written into the header."""
    with (tmp_path / 'some_name').open('wb') as file:
        GzipFileProcessor().dump(['a'], file)
    monkeypatch.setattr('time.time', lambda: 1e9)
    assert (tmp_path / 'some_name').read_bytes() == dumped(GzipFileProcessor(), ['a'])


@pytest.mark.parametrize(
    'content', [b'', gzip.compress(b'some text' * 100, mtime=0)[:-9], gzip.compress(b'some text' * 100, mtime=0)[:20]]
)
def test_cut_off_gzip_file_is_an_error(content):
    with pytest.raises(EOFError):
        GzipFileProcessor().load(io.BytesIO(content))


def test_compressing_takes_no_other_program(monkeypatch):
    monkeypatch.setenv('PATH', '')
    assert GzipFileProcessor().load(io.BytesIO(dumped(GzipFileProcessor(), ['a']))) == ['a']


def test_several_gzip_members_are_one_file():
    content = gzip.compress(b'a\n', mtime=0) + gzip.compress(b'b\n', mtime=0)
    assert GzipFileProcessor().load(io.BytesIO(content)) == ['a', 'b']
