"""Door: zip archives of directories."""

from gokart.stored_archive import LocalZipClient as LocalZipClient
from gokart.stored_archive import ZipClient as ZipClient
