"""A door: the contract of a file processor and the formats that hold no frames."""

from gokart.file_processor.binary import BinaryFileProcessor
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.gzip_text import GzipFileProcessor
from gokart.file_processor.npz import NpzFileProcessor
from gokart.file_processor.pickle import PickleFileProcessor
from gokart.file_processor.text import TextFileProcessor
from gokart.file_processor.xml import XmlFileProcessor

__all__ = [
    'BinaryFileProcessor',
    'FileProcessor',
    'GzipFileProcessor',
    'NpzFileProcessor',
    'PickleFileProcessor',
    'TextFileProcessor',
    'XmlFileProcessor',
]
