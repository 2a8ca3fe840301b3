"""Door: zip archives of directories on Google Cloud Storage."""

from gokart.stored_archive import GCSZipClient as GCSZipClient
