"""What is said when the content of a stored file makes its reader raise."""

from __future__ import annotations

from gokart.errors import BrokenFileError, StorageError


def may_come_from_content(error: Exception) -> bool:
    """Whether the bytes of a file may have raised `error`, and not the machine that reads them."""
    if isinstance(error, OSError):
        # Formats raise bare ones (gzip.BadGzipFile, Arrow); those of the system have a number.
        return error.errno is None and not isinstance(error, StorageError | TimeoutError | ConnectionError)
    # A pickle that names a lost module raises ModuleNotFoundError; the plain one says that a package is not usable.
    return type(error) is not ImportError and not isinstance(error, MemoryError)


def broken_file(path: str, file_format: str, error: Exception) -> BrokenFileError:
    """Return the error that names the file and the cure."""
    reason = str(error) if isinstance(error, BrokenFileError) else f'{type(error).__name__}: {error}'
    cure = 'remove the file, with target.remove() or by hand, and run the task again.'
    if isinstance(error, ImportError | AttributeError):
        cure = f'if code is missing, make it importable; else {cure}'
    return BrokenFileError(f'{path} cannot be loaded ({file_format}). {reason.rstrip(".: ")}. Cure: {cure}')
