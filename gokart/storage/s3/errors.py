"""The one place where an exception of boto3 becomes one of ours, with path, action and cure."""

from __future__ import annotations

from dataclasses import dataclass

from gokart.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    ConfigError,
    CredentialsError,
    PreconditionError,
    StorageError,
    UnreachableStorageError,
)
from gokart.storage.common_errors import missing, server_of, shortened
from gokart.storage.object_url import parse_directory
from gokart.storage.retries import Failure
from gokart.storage.s3.failures import classify, code_of, is_bad_header, is_malformed, is_silence, status_of

# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_BAD_CREDENTIALS = {
    'ExpiredToken',
    'ExpiredTokenException',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidToken',
    'RequestExpired',
    'RequestTimeTooSkewed',
    'SignatureDoesNotMatch',
    'TokenRefreshRequired',
    'UnrecognizedClientException',
}
_WRONG_REGION = {
    '301',
    'AuthorizationHeaderMalformed',
    'IllegalLocationConstraintException',
    'PermanentRedirect',
    'TemporaryRedirect',
}
_CURES = {
    'InvalidBucketName': ' Correct the name of the bucket.',
    'KeyTooLongError': ' Shorten the path.',
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was asked of which server, for the words of an error.

    Args:
        action: what was done to the object, such as ``written``.
        path: path of the object or directory.
        endpoint: URL of the server.
    """

    action: str
    path: str
    endpoint: str

    def of(self, error: Exception) -> Exception:
        """Return the error of ours for one of boto3; any other as it is."""
        from botocore import exceptions, parsers

        if isinstance(error, exceptions.ClientError):
            return self._of_answer(error)
        if isinstance(error, parsers.ResponseParserError):
            return self.no_s3()
        if isinstance(error, _no_credentials()):
            return CredentialsError(
                f'{self}: there are no credentials. {_sentence(str(error))} Set AWS_ACCESS_KEY_ID and '
                'AWS_SECRET_ACCESS_KEY, or the variables that [S3Config] names, or AWS_PROFILE.'
            )
        if isinstance(error, (exceptions.ConnectionError, exceptions.SSLError, exceptions.HTTPClientError)):
            return self._of_connection(error)
        if isinstance(error, RecursionError):  # botocore follows redirections that lead to themselves
            return StorageError(
                f'{self}: {self._shown()} answers by redirections only. Correct endpoint_url in [S3Config] or '
                'AWS_ENDPOINT_URL: is it https? Or set the region of the bucket.'
            )
        if isinstance(error, exceptions.BotoCoreError):
            return StorageError(f'{self}: {_sentence(str(error))} Correct the path, or [S3Config].')
        return error

    def no_bucket(self) -> BucketNotFoundError:
        """Return the error that there is no such bucket."""
        bucket = parse_directory(self.path).bucket
        return BucketNotFoundError(
            f'{self}: there is no bucket {bucket!r} at {self._shown()}. Create it, or correct its name or the address.'
        )

    def no_s3(self) -> StorageError:
        """Return the error that what answers is no S3."""
        return StorageError(
            f'{self}: what answers at {self._shown()} is no S3. Check endpoint_url in [S3Config] or AWS_ENDPOINT_URL, '
            'also the port.'
        )

    def __str__(self) -> str:
        return f'{self.path!r} could not be {self.action}'

    def _of_answer(self, error: Exception) -> Exception:
        code, status = code_of(error), status_of(error)
        said = f'{self}: {self._shown()} answers {_answer(error)}'
        if code == 'NoSuchBucket':
            return self.no_bucket()
        if _is_page(error):
            return self.no_s3()
        if code in _BAD_CREDENTIALS or _is_of_a_login(error):
            return CredentialsError(
                f'{said} Renew or correct the credentials: the variables that [S3Config] names, or what boto3 finds. '
                'Right ones are refused by another server, or where the clock of this host is wrong.'
            )
        if code in _WRONG_REGION:
            return StorageError(
                f'{said} Set the region of the bucket, by region in [S3Config] or AWS_DEFAULT_REGION, and no address '
                'of another one.'
            )
        if status in (401, 403):
            return AccessDeniedError(
                f'{said} Allow it to the user or role of the credentials. (Without s3:ListBucket the answer is the '
                'same for objects that do not exist.)'
            )
        if status == 404:
            return missing(self.path)
        if status == 412:
            return PreconditionError(f'{said} It was to be written only in another state.')
        if classify(error) is Failure.PASSING:
            return StorageError(f'{said} It did so each time. Try later, or raise retries in [S3Config].')
        return StorageError(f'{said}{_CURES.get(code, "")}')

    def _of_connection(self, error: Exception) -> Exception:
        from botocore import exceptions

        address = 'endpoint_url in [S3Config] or AWS_ENDPOINT_URL'
        if is_bad_header(error):
            return CredentialsError(
                f'{self}: the credentials have characters that cannot be sent, such as the end of a line. Correct the '
                'environment variables or the profile that they come from.'
            )
        if is_malformed(error):
            return ConfigError(
                f'{self}: {self._shown()} cannot be asked. {_sentence(str(error))} Correct {address}, or AWS_CA_BUNDLE.'
            )
        if isinstance(error, exceptions.ProxyConnectionError):
            return UnreachableStorageError(f'{self}: {_sentence(str(error))} Check HTTP_PROXY and HTTPS_PROXY.')
        if isinstance(error, exceptions.SSLError):
            return UnreachableStorageError(
                f'{self}: {_sentence(str(error))} Check {address}: http or https, and the port; and AWS_CA_BUNDLE.'
            )
        if classify(error) is Failure.UNREACHABLE:
            return UnreachableStorageError(
                f'{self}: nothing answers at {self._shown()}. Check that the server runs and can be reached from here, '
                f'and {address}.'
            )
        what = 'is silent' if is_silence(error) else 'broke off each time'
        return UnreachableStorageError(
            f'{self}: {self._shown()} {what} ({type(error).__name__}). Check the server and {address}; or raise '
            'retries or read_timeout_seconds in [S3Config].'
        )

    def _shown(self) -> str:
        return server_of(self.endpoint)


def _no_credentials() -> tuple[type[Exception], ...]:
    from botocore import exceptions

    return (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.ProfileNotFound,
        exceptions.TokenRetrievalError,
        exceptions.SSOError,
        exceptions.MetadataRetrievalError,
        exceptions.UnknownCredentialError,
    )


def _is_of_a_login(error: Exception) -> bool:
    return getattr(error, 'operation_name', '').startswith(('AssumeRole', 'GetRoleCredentials', 'CreateToken'))


def _is_page(error: Exception) -> bool:
    """Whether a web server has answered: botocore could not read it, and the status is not of a passing fault."""
    code, status = code_of(error), status_of(error)
    if code not in ('', str(status)) or getattr(error, 'operation_name', '') == 'HeadObject':
        return False
    headers = getattr(error, 'response', {}).get('ResponseMetadata', {}).get('HTTPHeaders', {})
    # botocore makes 500 of an answer with 200 that it cannot read.
    return status in (404, 405, 501) or (status == 500 and headers.get('content-type', '').startswith('text/html'))


def _answer(error: Exception) -> str:
    code, status = code_of(error), status_of(error)
    shown = code if code == str(status) or not status else f'{status} {code}'
    message = getattr(error, 'response', {}).get('Error', {}).get('Message') or ''
    return f'{shown}: {_sentence(message)}' if message else f'{shown}.'


def _sentence(text: str) -> str:
    line = shortened(text)
    return line if line.endswith(('.', '!', '?', '…')) else f'{line}.'
