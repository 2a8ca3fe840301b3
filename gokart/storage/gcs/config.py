"""The section ``[GCSConfig]``: how Google Cloud Storage is reached."""

from __future__ import annotations

import re

import luigi

from gokart.storage.file_system import StorageFileSystem
from gokart.storage.section import read_section, require_option

PART_UNIT_BYTES = 256 * 1024
"""What all parts of an upload but the last are multiples of."""

_FILE_SYSTEM = StorageFileSystem('gs')
_URL = re.compile(r'https?://[^/]', re.IGNORECASE)


class GCSConfig(luigi.Config):
    """How Google Cloud Storage is reached; read once, when a process first needs it."""

    task_namespace = ''  # whatever luigi.namespace() says when this module is first imported

    gcs_credential_name = luigi.StrParameter(
        default='GCS_CREDENTIAL',
        description='Environment variable with the path of a file of credentials, or with their JSON. If it is not '
        'set, the application default credentials are taken.',
    )
    endpoint_url = luigi.OptionalStrParameter(
        default=None,
        description='URL of the service, if it is not https://storage.googleapis.com or what the environment variable '
        'STORAGE_EMULATOR_HOST says. Over plain http nobody logs in, unless gcs_credential_name leads to credentials.',
    )
    project = luigi.OptionalStrParameter(
        default=None, description='Project that pays for requests to buckets whose owner does not.'
    )
    connect_timeout_seconds = luigi.FloatParameter(default=3.0, description='Longest wait for a connection.')
    read_timeout_seconds = luigi.FloatParameter(default=15.0, description='Longest wait for the next bytes.')
    retries = luigi.IntParameter(default=7, description='How often a request is made again after a passing failure.')
    part_size_bytes = luigi.IntParameter(
        default=8 << 20,
        description='Larger objects are written in parts of this size, a multiple of 262144.',
    )
    pool_size = luigi.IntParameter(default=16, description='How many requests are made side by side.')

    def get_gcs_client(self) -> StorageFileSystem:
        """Return the one object with the methods of Luigi's ``GCSClient``."""
        return _FILE_SYSTEM


def read_config() -> GCSConfig:
    """Return the section as it is now.

    Raises:
        ConfigError: an option has no value that can be used.
    """
    config = read_section(GCSConfig)
    fits = config.part_size_bytes > 0 and config.part_size_bytes % PART_UNIT_BYTES == 0
    require_option(config, 'part_size_bytes', fits, 'a positive multiple of 262144 (256 KiB)')
    if config.endpoint_url:
        require_option(config, 'endpoint_url', _URL.match(config.endpoint_url) is not None, 'a URL of http or https')
    return config
