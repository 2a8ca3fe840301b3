"""What a failed request to Google Cloud Storage means: whether it may work again, and which error of ours it is."""

from __future__ import annotations

import enum
import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gokart.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    CredentialsError,
    PreconditionError,
    StorageError,
    UnreachableStorageError,
)
from gokart.storage.common_errors import missing, server_of, shortened
from gokart.storage.condition import already_there
from gokart.storage.contract import Condition, WriteCondition
from gokart.storage.object_url import parse_directory
from gokart.storage.retries import BrokenOffError, Failure

if TYPE_CHECKING:
    from google.api_core.exceptions import GoogleAPICallError

_PASSING_STATUSES = {408, 429, 500, 502, 503, 504}
_PASSING_REASONS = {'rateLimitExceeded', 'userRateLimitExceeded'}  # sent with 403
_NO_WAY = {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL}
_ENDPOINT_CURE = 'Check endpoint_url in [GCSConfig], or STORAGE_EMULATOR_HOST, if one of them is set.'
_ANONYMOUS_CURE = (
    'Emulators, and services over plain http, are given only those in the environment variable that [GCSConfig] '
    'gcs_credential_name names: set it.'
)
_LOGIN_CURE = (
    "Run 'gcloud auth application-default login', or set the environment variable that [GCSConfig] gcs_credential_name "
    'names to a valid key of a service account.'
)


class Action(enum.Enum):
    """What is done: the verb that has the path as its object, and the permission that it takes."""

    READ = 'read', 'storage.objects.get'
    LOOK_AT = 'look at', 'storage.objects.get'
    WRITE = 'write', 'storage.objects.create, and storage.objects.delete to replace objects,'
    REMOVE = 'remove', 'storage.objects.delete'
    LIST = 'list', 'storage.objects.list'

    def __init__(self, verb: str, permission: str) -> None:
        self.verb = verb
        self.permission = permission


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done, for messages and for the meaning of an answer."""

    action: Action
    path: str
    condition: WriteCondition = Condition.ANY

    def __str__(self) -> str:
        return f'Cannot {self.action.verb} {self.path!r}'


class ForeignAnswerError(Exception):
    """An answer is none of Google Cloud Storage."""


def classify(error: BaseException) -> Failure:
    """Tell what an error of google-cloud-storage, google-auth or requests means for the next request."""
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError, TransportError
    from requests import exceptions as requests

    if isinstance(error, GoogleAPICallError):
        passes = error.code in _PASSING_STATUSES or _PASSING_REASONS & _reasons(error)
        return Failure.PASSING if passes else Failure.FINAL
    if isinstance(error, GoogleAuthError) and not isinstance(error, TransportError):
        return Failure.PASSING if error.retryable else Failure.FINAL
    if _is_no_connection(error):
        return Failure.UNREACHABLE
    if isinstance(error, requests.SSLError) and 'certificate' in str(error).lower():
        return Failure.FINAL
    passing = (requests.ConnectionError, requests.Timeout, requests.ChunkedEncodingError, TransportError)
    is_passing = isinstance(error, (*passing, ConnectionError, TimeoutError))
    return Failure.PASSING if is_passing else Failure.FINAL


def is_silence(error: BaseException) -> bool:
    """Whether the service took the request and did not answer in time."""
    from requests.exceptions import ReadTimeout

    return isinstance(error, ReadTimeout)


def explain(error: Exception, deed: Deed, endpoint: str) -> Exception:
    """Return the error of ours for one of google-cloud-storage, google-auth or requests; others as they are."""
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError, InvalidOperation, TransportError
    from requests import exceptions as requests

    start = f'{deed} at {server_of(endpoint)}'
    if isinstance(error, GoogleAPICallError):
        return _explain_answer(error, deed, start)
    if isinstance(error, InvalidOperation):
        return CredentialsError(f'{start}: the service wants credentials, and none are given. {_ANONYMOUS_CURE}')
    if isinstance(error, GoogleAuthError) and not isinstance(error, TransportError):
        return CredentialsError(f'{start}: the credentials do not serve: {shortened(str(error))}. {_LOGIN_CURE}')
    if isinstance(error, (requests.InvalidURL, requests.InvalidSchema, requests.MissingSchema)):
        return StorageError(f'{start}: that is no URL of a service. {_ENDPOINT_CURE}')
    if isinstance(error, (ForeignAnswerError, requests.ContentDecodingError)):
        return StorageError(f'{start}: the answer is none of Google Cloud Storage. {_ENDPOINT_CURE}')
    if isinstance(error, BrokenOffError):
        return StorageError(f'{start}: {error}, each time. Try again later.')
    if isinstance(error, (requests.RequestException, TransportError, ConnectionError, TimeoutError)):
        where = 'the server that renews the credentials' if isinstance(error, TransportError) else 'it'
        return UnreachableStorageError(
            f'{start}: {where} cannot be reached: {_root_cause(error)}. Check the network and proxies. {_ENDPOINT_CURE}'
        )
    return error


def is_missing(error: BaseException) -> bool:
    """Whether the answer says that there is no such thing: an object, a bucket, or an upload."""
    from google.api_core.exceptions import GoogleAPICallError

    return isinstance(error, GoogleAPICallError) and error.code in (404, 410)


def is_failed_condition(error: BaseException) -> bool:
    """Whether the answer says that the condition of the request does not hold."""
    from google.api_core.exceptions import GoogleAPICallError

    return isinstance(error, GoogleAPICallError) and error.code == 412


def _missing_bucket(path: str) -> BucketNotFoundError:
    bucket = parse_directory(path).bucket
    return BucketNotFoundError(
        f'The bucket {bucket!r} of {path!r} does not exist. Create it, or correct the name of the bucket.'
    )


def _explain_answer(error: GoogleAPICallError, deed: Deed, start: str) -> Exception:
    detail = f'{error.code}: {_detail(error)}'
    if error.code == 404 and not _is_page(error):
        about_bucket = deed.action in (Action.WRITE, Action.LIST) or 'bucket does not exist' in detail
        return _missing_bucket(deed.path) if about_bucket else missing(deed.path)
    if error.code == 412:
        return _failed_condition(deed)
    if error.code == 401:
        return CredentialsError(f'{start}: the service does not know the credentials ({detail}). {_LOGIN_CURE}')
    if error.code in (403, 407) and not _is_page(error):
        return AccessDeniedError(f'{start}: the credentials do not allow it ({detail}). {_permission_cure(deed)}')
    if error.code in _PASSING_STATUSES:
        return StorageError(f'{start}: the service failed each time ({detail}). Try again later.')
    if _is_page(error) or error.code not in (400, 409, 413):
        return StorageError(f'{start}: the answer ({detail}) is none of Google Cloud Storage. {_ENDPOINT_CURE}')
    cure = ' Set project in [GCSConfig] to the one that pays.' if 'requester pays' in detail else ''
    return StorageError(f'{start}: the service refuses ({detail}).{cure}')


def _failed_condition(deed: Deed) -> PreconditionError:
    if deed.condition is Condition.ABSENT:
        return already_there(deed.path)
    return PreconditionError(f'{deed.path!r} was to be replaced only in the version {deed.condition}, which is gone.')


def _permission_cure(deed: Deed) -> str:
    cure = f'Grant them {deed.action.permission} on the bucket, for example with the role roles/storage.objectUser.'
    if deed.action in (Action.READ, Action.LOOK_AT):
        cure += ' Without storage.objects.list an object that does not exist is answered like this, too.'
    return cure


def _payload(error: GoogleAPICallError) -> dict[str, Any]:
    try:
        payload = error.response.json()['error'] if error.response is not None else {}
    except (ValueError, KeyError, TypeError):
        return {}
    return payload if isinstance(payload, dict) else {}


def _reasons(error: GoogleAPICallError) -> set[str]:
    errors = _payload(error).get('errors') or []
    return {item.get('reason', '') for item in errors if isinstance(item, dict)}


def _is_page(error: GoogleAPICallError) -> bool:
    return error.response is not None and error.response.content.lstrip()[:1] == b'<'


def _detail(error: GoogleAPICallError) -> str:
    text = _payload(error).get('message')
    if not text and error.response is not None:
        text = error.response.reason if _is_page(error) else error.response.text or error.response.reason
    return shortened(str(text or 'no reason given'))


def _is_no_connection(error: BaseException) -> bool:
    from requests.exceptions import ConnectTimeout, ProxyError

    return any(
        isinstance(cause, (ConnectTimeout, ProxyError, socket.gaierror))
        or (isinstance(cause, OSError) and cause.errno in _NO_WAY)
        for cause in _chain(error)
    )


def _root_cause(error: BaseException) -> str:
    *_, root = _chain(error)
    reason = (root.strerror if isinstance(root, OSError) else None) or str(root) or type(root).__name__
    return shortened(reason)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
