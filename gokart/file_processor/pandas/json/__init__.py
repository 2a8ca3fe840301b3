"""pandas frames as JSON: how a frame becomes text, and how text becomes a frame again."""

from __future__ import annotations

from gokart.file_processor.pandas.json.processor import JsonFileProcessorPandas, JsonOrient

__all__ = ['JsonFileProcessorPandas', 'JsonOrient']
