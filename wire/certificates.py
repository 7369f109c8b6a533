"""The site's own certificate authority: X.509 for the broker and its clients.

One authority per site; nobody else's is trusted. A client's subject is
`CN=<name>,OU=<issue>`: the broker knows its user by both, so a certificate that was
withdrawn stays useless after the same door has got a new one.

Keys are ECDSA P-256 (every TLS library on a Pi has it in hardware or assembler).
Beside `sealing` this is the only module that imports cryptography.
Source: RFC 5280.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from domain.errors import CallerError

AUTHORITY_VALID: Final = timedelta(days=20 * 365)
# A door's certificate outlives its hardware; withdrawal is the broker's user list.
LEAF_VALID: Final = timedelta(days=10 * 365)
# A Pi without a battery clock may wake up a little in the past.
_BACKDATED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


def make_authority(site: str, *, now: datetime) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"menshen {site}"[:64]),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "authority"),
        ]
    )
    builder = (
        _begin(name, name, key.public_key(), now, AUTHORITY_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
    )
    return Issued(_pem(builder.sign(key, SHA256())), _key_pem(key))


def issue_server(authority: Issued, hosts: Sequence[str], *, now: datetime) -> Issued:
    """A certificate for the broker, under the names and addresses in `hosts`."""
    if not hosts:
        raise CallerError("a server certificate needs at least one host")
    extension = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "menshen broker")])
    return _issue(authority, name, ExtendedKeyUsageOID.SERVER_AUTH, now, extension)


def issue_client(authority: Issued, name: str, *, issue: int, now: datetime) -> Issued:
    """A certificate for the door `name`, or for the controller.

    `issue` counts the certificates this name has had, from 1.
    """
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, str(issue)),
        ]
    )
    return _issue(authority, subject, ExtendedKeyUsageOID.CLIENT_AUTH, now, None)


def _issue(
    authority: Issued,
    name: x509.Name,
    purpose: x509.ObjectIdentifier,
    now: datetime,
    alternatives: x509.SubjectAlternativeName | None,
) -> Issued:
    signer = load_pem_private_key(authority.key, password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise CallerError("the authority's key is not an elliptic-curve key")
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _begin(name, issuer.subject, key.public_key(), now, LEAF_VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
    )
    if alternatives is not None:
        builder = builder.add_extension(alternatives, critical=False)
    return Issued(_pem(builder.sign(signer, SHA256())), _key_pem(key))


def _begin(
    name: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    valid: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
