"""Door: zip archives of directories on S3."""

from gokart.stored_archive import S3ZipClient as S3ZipClient
