"""S3, and servers that speak its protocol: ``s3://`` paths, by boto3."""

from __future__ import annotations

from gokart.storage.s3.storage import S3Storage

__all__ = ['S3Storage']
