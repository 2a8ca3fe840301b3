"""Door: functions for paths in object storage."""

from gokart.legacy import ObjectStorage as ObjectStorage
