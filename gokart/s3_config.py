"""Door: the section ``[S3Config]`` of the configuration."""

from gokart.storage.s3.config import S3Config as S3Config
