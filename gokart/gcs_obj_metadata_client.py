"""Door: labels of objects that are stored already."""

from gokart.legacy import GCSObjectMetadataClient as GCSObjectMetadataClient
