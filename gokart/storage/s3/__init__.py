"""Objects on S3 and on servers that speak its protocol, by boto3: ``s3://bucket/key``."""

from __future__ import annotations

from gokart.storage.s3.storage import S3Storage as S3Storage
