"""XML documents: xml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import luigi.format

from gokart.errors import BrokenFileError, UnsupportedObjectError
from gokart.file_processor._streams import is_text, seekable, wrong_type
from gokart.file_processor.contract import FileProcessor

if TYPE_CHECKING:
    from xml.etree import ElementTree

_FORBIDDEN = '[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]'
"""What no XML 1.0 document may contain, https://www.w3.org/TR/xml/#charsets."""


class XmlFileProcessor(FileProcessor):
    """Stores an `xml.etree.ElementTree.ElementTree` as UTF-8 with an XML declaration."""

    def format(self) -> Any:
        """Return the format of a binary file."""
        return luigi.format.Nop

    def load(self, file: Any) -> ElementTree.ElementTree[Any]:
        """Parse the document.

        Raises:
            xml.etree.ElementTree.ParseError: it is no XML document.
            BrokenFileError: it declares entities, which a few lines can make expand without end.
        """
        from xml.etree import ElementTree

        if not is_text(file):
            file = seekable(file)
        start = file.tell()
        _refuse_entities(file)
        file.seek(start)
        return ElementTree.parse(file)

    def dump(self, obj: Any, file: Any) -> None:
        """Write the tree."""
        from xml.etree import ElementTree

        if not isinstance(obj, ElementTree.ElementTree) or obj.getroot() is None:
            raise wrong_type('xml', 'an xml.etree.ElementTree.ElementTree with a root', obj)
        _refuse_forbidden_characters(obj)
        obj.write(file, encoding='unicode' if is_text(file) else 'utf-8', xml_declaration=True)


class _PrologEndError(Exception):
    pass


def _refuse_entities(file: Any) -> None:
    """Read up to the root element, before which all declarations stand, and stop at one of an entity."""
    from xml.parsers import expat

    def at_entity(name: str, *_: object) -> None:
        raise BrokenFileError(f'The document declares the entity {name!r}, and documents with entities are not read.')

    def at_root(*_: object) -> None:
        raise _PrologEndError

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = at_entity
    parser.StartElementHandler = at_root
    try:
        while chunk := file.read(1 << 16):
            parser.Parse(chunk)
    except (_PrologEndError, expat.ExpatError):
        return  # what is wrong with the document is for the real parser to say


def _refuse_forbidden_characters(tree: ElementTree.ElementTree[Any]) -> None:
    for element in tree.iter():
        for text in (element.text, element.tail, *element.attrib.values()):
            if isinstance(text, str) and (found := re.search(_FORBIDDEN, text)):
                raise UnsupportedObjectError(f'XML cannot hold the character {found[0]!r} (element {element.tag!r}).')
