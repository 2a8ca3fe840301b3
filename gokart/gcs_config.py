"""Door: the section ``[GCSConfig]`` of the configuration."""

from gokart.storage.gcs.config import GCSConfig as GCSConfig
