"""The section ``[S3Config]`` of the configuration: address, credentials, patience and sizes for S3."""

from __future__ import annotations

import os
from dataclasses import dataclass

import luigi

from gokart.errors import CredentialsError
from gokart.storage.file_system import StorageFileSystem
from gokart.storage.section import read_section, require_option

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
_SMALLEST_PART_BYTES = 5 << 20
_LARGEST_PART_BYTES = 5 << 30

_FILE_SYSTEM = StorageFileSystem('s3')


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A pair of keys; it shows neither."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        return 'AccessKey(…)'


class S3Config(luigi.Config):
    """How S3 is reached; read once, when the client is made. What is not given here, boto3 looks for itself."""

    task_namespace = ''  # whatever luigi.namespace() says when this module is first imported

    aws_access_key_id_name = luigi.StrParameter(
        default='AWS_ACCESS_KEY_ID', description='Name of the environment variable that holds the id of the access key.'
    )
    aws_secret_access_key_name = luigi.StrParameter(
        default='AWS_SECRET_ACCESS_KEY', description='Name of the environment variable that holds the secret key.'
    )
    endpoint_url = luigi.OptionalStrParameter(
        default=None, description='Address of the server, for servers other than those of AWS.'
    )
    region = luigi.OptionalStrParameter(default=None, description='Region of the buckets.')
    connect_timeout_seconds = luigi.FloatParameter(
        default=3.0, description='How long a connection may take to be made.'
    )
    read_timeout_seconds = luigi.FloatParameter(
        default=15.0, description='How long the server may be silent while an answer is awaited.'
    )
    retries = luigi.IntParameter(default=7, description='How often a request is made again when it fails.')
    part_size_bytes = luigi.IntParameter(
        default=8 << 20, description='Size of the parts in which larger objects are written; at least 5 MiB.'
    )
    pool_size = luigi.IntParameter(default=16, description='How many requests are made side by side at most.')

    def get_s3_client(self) -> StorageFileSystem:
        """Return the one file system of Luigi's kind for S3, with the methods of its ``S3Client``."""
        return _FILE_SYSTEM

    def access_key(self) -> AccessKey | None:
        """Return the keys in the environment variables named here; None if boto3 shall look for some.

        Raises:
            CredentialsError: only one of the two variables is set.
        """
        names = self.aws_access_key_id_name, self.aws_secret_access_key_name
        key_id, secret = (os.environ.get(name, '').strip() for name in names)
        if bool(key_id) != bool(secret):
            there, missing = names if key_id else reversed(names)
            raise CredentialsError(
                f'The variable {there} of the environment is set and {missing} is not. S3 needs both: set both, or '
                'none and let boto3 find a profile or role.'
            )
        # With the usual names boto3 looks there itself, and knows of session tokens, too.
        if not key_id or names == ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'):
            return None
        return AccessKey(key_id, secret)


def read_config() -> S3Config:
    """Return the section as it is now.

    Raises:
        ConfigError: an option has no value that can be used.
    """
    config = read_section(S3Config)
    fits = _SMALLEST_PART_BYTES <= config.part_size_bytes <= _LARGEST_PART_BYTES
    require_option(config, 'part_size_bytes', fits, f'from {_SMALLEST_PART_BYTES} to {_LARGEST_PART_BYTES}')
    return config
