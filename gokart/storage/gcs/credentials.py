"""Credentials for Google Cloud: of the variable that the configuration names, or the application default."""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from gokart.errors import CredentialsError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

_SCOPES = ('https://www.googleapis.com/auth/devstorage.read_write',)
_METADATA_TIMEOUT_SECONDS = 1.5
_TIMEOUT_SECONDS = 15.0
_TALKATIVE = ('google.auth._default', 'google.auth.compute_engine._metadata')


def load_credentials(variable: str, is_anonymous: bool) -> Credentials:
    """Return the credentials in the environment variable `variable`, or if it is not set the application default.

    Args:
        variable: name of an environment variable with the path of a file, or with JSON.
        is_anonymous: take none in place of the application default.

    Raises:
        CredentialsError: there are none, or they cannot be used.
    """
    from google.auth.credentials import AnonymousCredentials

    text = os.environ.get(variable, '').strip()
    if text:
        return _from_variable(variable, text)
    if is_anonymous:
        return AnonymousCredentials()
    return _default(variable)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep back, in the ``with`` block, what Google's libraries say of projects, quotas and versions of Python."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    for logger in loggers:
        logger.addFilter(_nothing)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False


def _from_variable(variable: str, text: str) -> Credentials:
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    described = _described(variable, text)
    try:
        with quiet():
            credentials, _ = google.auth.load_credentials_from_dict(described, scopes=_SCOPES)
    except (GoogleAuthError, ValueError) as error:
        raise CredentialsError(
            f'The environment variable {variable} leads to credentials that cannot be used: {_first_line(error)} '
            'Download a new key of the service account.'
        ) from None  # the error of a key may show the key
    return cast('Credentials', credentials)


def _described(variable: str, text: str) -> dict[str, Any]:
    is_json = text.startswith('{')
    origin = f'JSON in the environment variable {variable}' if is_json else f'file that {variable} names'
    try:
        if not is_json:
            with open(text, encoding='utf-8') as file:  # noqa: PTH123
                text = file.read()
        described = json.loads(text)
    except OSError as error:
        raise CredentialsError(
            f'The {origin} cannot be read: {error.strerror}. The environment variable {variable} must hold the path of '
            'a file with the key of a service account, or the JSON of that key itself.'
        ) from None  # whatever is in the variable is not shown
    except ValueError as error:
        reason = f'{error.msg} at line {error.lineno}' if isinstance(error, json.JSONDecodeError) else 'no UTF-8'
        raise CredentialsError(
            f'The {origin} is broken: {reason}. It must be the key of a service account, as it was downloaded.'
        ) from None
    if not isinstance(described, dict) or 'type' not in described:
        raise CredentialsError(f'The {origin} is no JSON object with a "type", as the key of a service account is.')
    return described


def _default(variable: str) -> Credentials:
    import google.auth
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import Request

    class QuickRequest(Request):
        """Does not wait long for the metadata server, which is near or not there at all."""

        def __call__(self, url: str, *args: Any, **options: Any) -> Any:
            # Only the search for that server brings a timeout of its own.
            timeout = _METADATA_TIMEOUT_SECONDS if 'timeout' in options else _TIMEOUT_SECONDS
            return super().__call__(url, *args, **{**options, 'timeout': timeout})

    try:
        with quiet():
            credentials, _ = google.auth.default(scopes=_SCOPES, request=QuickRequest())
    except (GoogleAuthError, ValueError, OSError) as error:
        raise CredentialsError(
            f'There are no credentials for Google Cloud Storage: {_first_line(error)} Set the environment variable '
            f'{variable} to the path or the JSON of a key of a service account, or run '
            "'gcloud auth application-default login'."
        ) from error
    return credentials


def _first_line(error: Exception) -> str:
    text = ': '.join(str(part) for part in error.args if part)
    lines = text.splitlines() or [type(error).__name__]
    return f'{lines[0].rstrip(".")}.'
