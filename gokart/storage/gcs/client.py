"""The client of Google Cloud Storage: connections, and the one way to make a request by them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gokart._optional import import_optional
from gokart.errors import ConfigError
from gokart.storage.gcs.config import GCSConfig, read_config
from gokart.storage.gcs.credentials import load_credentials, quiet
from gokart.storage.gcs.errors import ForeignAnswerError, classify, is_silence
from gokart.storage.object_url import ObjectUrl
from gokart.storage.retries import Failure, RetryPolicy, after_first_silence

if TYPE_CHECKING:
    from google.auth.transport.requests import AuthorizedSession
    from requests import Response

# More threads than that make urllib3 warn of each connection that it does not keep.
_LEAST_KEPT_CONNECTIONS = 64

_USUAL_UNIVERSE = 'googleapis.com'


@dataclass(frozen=True, slots=True)
class GCSClient:
    """Connections to one service; threads share it, forked processes do not.

    Attributes:
        session: the `AuthorizedSession`. What google-cloud-storage itself puts on top of it starts threads that ask for
            buckets, which may not be asked for, and which would be in the way of forks.
        endpoint: URL of the service.
        config: the configuration as it was when the client was made.
        answered: set once the service has answered anything.
    """

    session: Any
    endpoint: str
    config: GCSConfig
    answered: threading.Event = field(default_factory=threading.Event)

    @property
    def retries(self) -> RetryPolicy:
        """What is tried again."""
        return RetryPolicy(self._classify, self.config.retries)

    def url_of(self, url: ObjectUrl, kind: str = '') -> str:
        """Return the address of an object; `kind` is ``/download`` for that of its bytes."""
        return f'{self.url_of_bucket(url, kind)}/{quote(url.key, safe="")}'

    def url_of_bucket(self, url: ObjectUrl, kind: str = '') -> str:
        """Return the address of the objects in a bucket; `kind` is ``/upload`` for where they are written."""
        return f'{self.endpoint}{kind}/storage/v1/b/{url.bucket}/o'

    def ask(
        self, method: str, url: str, params: Mapping[str, str], headers: Mapping[str, str], body: bytes | None = None
    ) -> Response:
        """Make one request, whose answer is yet to be received; any status is an answer."""
        billed = {'userProject': self.config.project} if self.config.project else {}
        response: Response = self.session.request(
            method,
            url,
            data=body,
            headers=dict(headers),
            params={**params, **billed},
            timeout=(self.config.connect_timeout_seconds, self.config.read_timeout_seconds),
            allow_redirects=False,
            stream=True,
        )
        self.answered.set()
        return response

    def finish(self, response: Response, *expected: int) -> bytes:
        """Receive the rest of an answer whose status says it all; one that is not `expected` raises."""
        from requests.exceptions import RequestException

        require(response, *expected)
        with response:
            try:
                return response.content
            except RequestException:
                return b''

    def json(self, url: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Return what is said at an address.

        Raises:
            ForeignAnswerError: it is none of Google Cloud Storage.
        """
        with self.ask('GET', url, {**params, 'prettyPrint': 'false'}, {}) as response:
            require(response, 200)
            content = response.content
            try:
                answer = json.loads(content)
            except ValueError as error:
                raise ForeignAnswerError(str(error)) from error
        if not isinstance(answer, dict):
            raise ForeignAnswerError('no JSON object')
        return answer

    def _classify(self, error: BaseException) -> Failure:
        if not self.answered.is_set() and is_silence(error):
            return after_first_silence(self.config.read_timeout_seconds)
        return classify(error)


def require(response: Response, *expected: int) -> None:
    """Check the status of an answer; another one than `expected` raises, once the answer is received."""
    from google.api_core.exceptions import from_http_status

    if response.status_code not in expected:
        with response:
            response.content  # noqa: B018 (it is kept)
        raise from_http_status(response.status_code, response.reason or '', response=response)


def make_client() -> GCSClient:
    """Make a client.

    Raises:
        CredentialsError: there are no credentials, or they cannot be used.
        ConfigError: the configuration cannot be used.
        ImportError: google-cloud-storage is not installed.
    """
    with quiet():
        storage = import_optional('google.cloud.storage', 'gcs', 'A workspace in gs://')
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import AuthorizedSession, Request

    config = read_config()
    endpoint, is_anonymous = _endpoint(config)
    credentials = load_credentials(config.gcs_credential_name, is_anonymous)
    # What renews credentials has no retries of its own.
    session = AuthorizedSession(credentials, auth_request=Request())
    _mount_pools(session, config.pool_size)
    options: dict[str, Any] = {'api_endpoint': endpoint} if endpoint else {}
    try:
        if credentials.universe_domain != _USUAL_UNIVERSE:
            options['universe_domain'] = credentials.universe_domain
        api = storage.Client(project=config.project, credentials=credentials, _http=session, client_options=options)
    except (GoogleAuthError, ValueError) as error:
        raise ConfigError(f'The client of Google Cloud Storage cannot be made: {error}') from error
    return GCSClient(session, api.api_endpoint.rstrip('/'), config)


def _endpoint(config: GCSConfig) -> tuple[str, bool]:
    """Return the URL of the service, empty for the usual one, and whether nobody needs to log in there."""
    if config.endpoint_url:
        return config.endpoint_url.rstrip('/'), config.endpoint_url.lower().startswith('http://')
    emulator = os.environ.get('STORAGE_EMULATOR_HOST', '').rstrip('/')
    return (f'http://{emulator}' if emulator and '://' not in emulator else emulator), bool(emulator)


def _mount_pools(session: AuthorizedSession, size: int) -> None:
    from requests.adapters import HTTPAdapter

    for scheme in ('http://', 'https://'):
        session.mount(scheme, HTTPAdapter(pool_maxsize=max(size, _LEAST_KEPT_CONNECTIONS), max_retries=0))
