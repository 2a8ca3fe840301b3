"""Door: the function that makes the client of a zip archive."""

from gokart.stored_archive import make_zip_client as make_zip_client
