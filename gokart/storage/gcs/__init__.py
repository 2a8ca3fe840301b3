"""Google Cloud Storage: ``gs://`` paths, by google-cloud-storage."""

from __future__ import annotations

from gokart.storage.gcs.storage import GCSStorage

__all__ = ['GCSStorage']
