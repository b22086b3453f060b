"""TLS of SIP connections: the server's certificate, and what is believed of others (RFC 5922; TLS 1.2 or newer)."""

from typing import Any

from cryptography.x509 import load_pem_x509_certificates
from OpenSSL import SSL, crypto
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    TLSVersion,
    optionsForClientTLS,
    trustRootFromCertificates,
)
from twisted.python.failure import Failure

MOST_CONTEXTS = 256


class TlsError(ValueError):
    """A certificate, key or CA file that is of no use; ``str`` is the reason in one line that names the file."""


class ClientTls:
    """How other servers are checked: against the system's authorities, those in ``authorities`` (a PEM file), or not.

    ``verify`` False takes any certificate: the connection is secret, but its peer could be anybody. Raises TlsError.
    """

    def __init__(self, authorities: str = "", verify: bool = True) -> None:
        self._verify = verify
        self._trust: Any = None
        self._contexts: dict[str, Any] = {}
        if authorities:
            trusted = [Certificate(crypto.X509.from_cryptography(one)) for one in _certificates(authorities)]
            self._trust = trustRootFromCertificates(trusted)

    def context(self, name: str) -> Any:
        """What makes the TLS side of a connection to ``name`` (host name or address, "" takes any). Raises TlsError."""
        name = name if self._verify else ""
        found = self._contexts.get(name)
        if found is None:
            if len(self._contexts) >= MOST_CONTEXTS:
                self._contexts.clear()
            found = self._contexts[name] = self._make(name)
        return found

    def _make(self, name: str) -> Any:
        if not name:
            return CertificateOptions(verify=False, raiseMinimumTo=TLSVersion.TLSv1_2)
        try:
            return optionsForClientTLS(
                name, trustRoot=self._trust, extraCertificateOptions={"raiseMinimumTo": TLSVersion.TLSv1_2}
            )
        except ValueError as error:
            raise TlsError(f"{name!r} is no name of a TLS server: {error}") from None


def server_context(certificate: str, key: str) -> Any:
    """What makes the TLS side of accepted connections, from PEM files (chain, private key). Raises TlsError."""
    chain = [crypto.X509.from_cryptography(one) for one in _certificates(certificate)]
    data = _read(key)
    try:
        private = crypto.load_privatekey(crypto.FILETYPE_PEM, data, b"")
    except (crypto.Error, ValueError, TypeError):
        raise TlsError(f"{key} holds no private key in PEM form without a password") from None
    options = CertificateOptions(
        privateKey=private,
        certificate=chain[0],
        extraCertChain=chain[1:],
        raiseMinimumTo=TLSVersion.TLSv1_2,
    )
    try:
        options.getContext()
    except SSL.Error:
        raise TlsError(f"the private key in {key} is not that of the certificate in {certificate}") from None
    return options


def reason(failure: Failure) -> str:
    """Why a connection ended, in one line."""
    value = failure.value
    if isinstance(value, SSL.Error) and value.args and isinstance(value.args[0], list):
        said = [str(entry[-1]) for entry in value.args[0] if entry]
        return f"TLS: {', '.join(said) or 'closed'}"
    return " ".join(failure.getErrorMessage().split()) or type(value).__name__


def _certificates(path: str) -> list[Any]:
    data = _read(path)
    try:
        return load_pem_x509_certificates(data)
    except ValueError:
        raise TlsError(f"{path} holds no certificate in PEM form") from None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError as error:
        raise TlsError(f"cannot read {path}: {error.strerror}") from None
