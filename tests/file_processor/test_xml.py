"""XML documents: written readably, read without surprises."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.errors import BrokenFileError, UnsupportedObjectError
from gokart.file_processor import XmlFileProcessor

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [
 <!ENTITY lol "lol">
 <!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
]>
<lolz>&lol2;</lolz>"""

TEXT = st.text(st.characters(codec='utf-8', exclude_categories=['Cc', 'Cs'], exclude_characters='\ufffe\uffff'))


def dumped(tree):
    file = io.BytesIO()
    XmlFileProcessor().dump(tree, file)
    return file.getvalue()


def load(content):
    return XmlFileProcessor().load(io.BytesIO(content))


def test_document_is_utf_8_and_says_so():
    content = dumped(ET.ElementTree(ET.fromstring('<r>三</r>')))
    assert content.decode().splitlines() == ["<?xml version='1.0' encoding='utf-8'?>", '<r>三</r>']


@given(text=TEXT, tail=TEXT, attribute=TEXT)
@settings(derandomize=True, max_examples=50, deadline=None)
def test_texts_come_back(text, tail, attribute):
    root = ET.Element('root')
    child = ET.SubElement(root, '{urn:space}child', {'name': attribute})
    child.text, child.tail = text, tail
    loaded = load(dumped(ET.ElementTree(root))).getroot()[0]
    assert (loaded.text or '', loaded.tail or '', loaded.get('name')) == (text, tail, attribute)
    assert loaded.tag == '{urn:space}child'


@pytest.mark.parametrize('content', [b'', b'no xml', b'<r><open></r>', b'<r/>more', b"<?xml version='1.0'?>"])
def test_broken_document_is_an_error(content):
    with pytest.raises(ET.ParseError):
        load(content)


@pytest.mark.parametrize(
    'content',
    [
        BOMB,
        b'<!DOCTYPE r [<!ENTITY secret SYSTEM "file:///etc/passwd">]><r>&secret;</r>',
        b'<!DOCTYPE r [<!ENTITY % part "x">]><r/>',
    ],
)
def test_entities_are_refused(content):
    with pytest.raises(BrokenFileError, match='entity'):
        load(content)


def test_document_type_without_entities_is_fine():
    assert load(b'<!DOCTYPE r [<!ELEMENT r ANY>]><!-- comment --><r a="1"/>').getroot().get('a') == '1'


def test_other_encodings_are_read():
    assert load('<?xml version="1.0" encoding="latin-1"?><r>é</r>'.encode('latin-1')).getroot().text == 'é'


def test_text_stream_is_read_and_written():
    file = io.StringIO()
    XmlFileProcessor().dump(ET.ElementTree(ET.fromstring('<r>三</r>')), file)
    file.seek(0)
    assert XmlFileProcessor().load(file).getroot().text == '三'


@pytest.mark.parametrize('obj', [ET.fromstring('<r/>'), '<r/>', None, ET.ElementTree()])
def test_anything_but_a_tree_is_refused(obj):
    with pytest.raises(UnsupportedObjectError, match='ElementTree') as caught:
        dumped(obj)
    assert isinstance(caught.value, AssertionError)


@pytest.mark.parametrize('text', ['\x00', 'a\x0b', '\ufffe'])
def test_character_that_no_reader_would_take_is_refused(text):
    root = ET.Element('root')
    ET.SubElement(root, 'child').text = text
    with pytest.raises(UnsupportedObjectError, match='child'):
        dumped(ET.ElementTree(root))
