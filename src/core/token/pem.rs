//! Keys in PEM ([RFC 7468]): public ones are read here, private ones are brought into PKCS#8 for the
//! engine that reads them.
//!
//! [RFC 7468]: https://www.rfc-editor.org/rfc/rfc7468

use super::algorithm::Algorithm;
use super::base64url;
use super::der::{self, BIT_STRING, INTEGER, OCTET_STRING, PARAMETERS, POINT, SEQUENCE};
use super::jwk::Jwk;
use super::material::Curve;
use super::member::{invalid, unsupported};
use crate::core::error::Error;
use crate::core::json::Writer;
use crate::core::secret::Secret;

/// A key as PEM holds it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Pem {
    /// A public key.
    Public(Jwk),
    /// A private key, as PKCS#8 in DER ([RFC 5208]).
    ///
    /// [RFC 5208]: https://www.rfc-editor.org/rfc/rfc5208
    Private(Secret),
}

impl Pem {
    /// Reads the one key of a PEM text, which is to be used with `algorithm` alone: as SPKI, PKCS#8,
    /// PKCS#1 or SEC1, by its label.
    ///
    /// # Errors
    /// `ERR_JWK_INVALID` where it is malformed, encrypted, weak, or no key for the algorithm.
    pub fn parse(text: &str, algorithm: Algorithm) -> Result<Self, Error> {
        let (label, bytes) = block(text)?;
        let bytes = Secret::new(bytes);
        let identifier = identifier(algorithm).ok_or(NO_PEM)?;
        let is_rsa = identifier == RSA;
        match label {
            "PUBLIC KEY" => public(bytes.expose(), algorithm, identifier).map(Self::Public),
            "PRIVATE KEY" => Ok(Self::Private(bytes)),
            "RSA PUBLIC KEY" if is_rsa => {
                let key = [&[0], bytes.expose()].concat();
                let spki = [identifier, &der::element(BIT_STRING, &key)].concat();
                public(&der::element(SEQUENCE, &spki), algorithm, identifier).map(Self::Public)
            }
            "RSA PRIVATE KEY" if is_rsa => Ok(Self::Private(pkcs8(&bytes, identifier))),
            "EC PRIVATE KEY" if curve(algorithm).is_some() => {
                Ok(Self::Private(pkcs8(&bytes, identifier)))
            }
            "RSA PUBLIC KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => Err(OTHER),
            _ => Err(LABEL),
        }
    }
}

/// The label and the bytes of the first block that holds a key.
fn block(text: &str) -> Result<(&str, Vec<u8>), Error> {
    let mut rest = text;
    while let Some((_, begun)) = split(rest, "-----BEGIN ") {
        let (label, body) = split(begun, "-----").ok_or(MALFORMED)?;
        let (body, ended) = split(body, "-----END ").ok_or(MALFORMED)?;
        let (end, after) = split(ended, "-----").ok_or(MALFORMED)?;
        if end != label {
            return Err(MALFORMED);
        }
        // OpenSSL writes the curve by itself before the key.
        if label != "EC PARAMETERS" {
            return Ok((label, decoded(body).ok_or(MALFORMED)?));
        }
        rest = after;
    }
    Err(MALFORMED)
}

/// What is before and after the mark; the searcher of `str` weighs kilobytes.
fn split<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = text.as_bytes().windows(mark.len()).position(|part| part == mark.as_bytes())?;
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.split_at_checked(mark.len())?.1))
}

fn decoded(body: &str) -> Option<Vec<u8>> {
    let mut text = String::with_capacity(body.len());
    for byte in body.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        text.push(match byte {
            b'+' => '-',
            b'/' => '_',
            // What is of base64url alone must not pass, nor what is no ASCII.
            b'-' | b'_' | 0x80.. => '+',
            other => char::from(other),
        });
    }
    while text.ends_with('=') {
        text.pop();
    }
    base64url::decode(&text)
}

fn pkcs8(key: &Secret, identifier: &[u8]) -> Secret {
    let version = der::element(INTEGER, &[0]);
    let parts = [&version, identifier, &der::element(OCTET_STRING, key.expose())].concat();
    Secret::new(der::element(SEQUENCE, &parts))
}

/// Reads a SubjectPublicKeyInfo ([RFC 5280, section 4.1]).
///
/// [RFC 5280, section 4.1]: https://www.rfc-editor.org/rfc/rfc5280#section-4.1
fn public(spki: &[u8], algorithm: Algorithm, identifier: &[u8]) -> Result<Jwk, Error> {
    let inner = der::only(SEQUENCE, spki).ok_or(MALFORMED)?;
    let bits = inner.strip_prefix(identifier).ok_or(OTHER)?;
    let key = der::only(BIT_STRING, bits).and_then(|bits| bits.strip_prefix(&[0]));
    let key = key.ok_or(MALFORMED)?;
    let mut json = Writer::new();
    json.string("alg", algorithm.name());
    if let Some(curve) = curve(algorithm) {
        let point = key.strip_prefix(&[4]).and_then(|both| both.split_at_checked(curve.width()));
        let (x, y) = point.ok_or(COMPRESSED)?;
        json.string("kty", "EC").string("crv", curve.name());
        json.string("x", &base64url::encode(x)).string("y", &base64url::encode(y));
    } else if identifier == RSA {
        let numbers = der::only(SEQUENCE, key).and_then(|numbers| der::first(INTEGER, numbers));
        let (n, rest) = numbers.ok_or(MALFORMED)?;
        let e = der::only(INTEGER, rest).ok_or(MALFORMED)?;
        json.string("kty", "RSA");
        json.string("n", &base64url::encode(n)).string("e", &base64url::encode(e));
    } else if identifier == ED25519 {
        json.string("kty", "OKP").string("crv", "Ed25519").string("x", &base64url::encode(key));
    } else {
        json.string("kty", "AKP").string("pub", &base64url::encode(key));
    }
    Jwk::parse(json.finish().as_bytes())
}

/// The seed in an ML-DSA private key ([RFC 9881, section 6]), and the expanded key where it is there
/// too, as OpenSSL writes it; `None` where there is no seed.
///
/// [RFC 9881, section 6]: https://www.rfc-editor.org/rfc/rfc9881#section-6
#[must_use]
pub fn seed(pkcs8: &Secret, algorithm: Algorithm) -> Option<([u8; 32], Option<&[u8]>)> {
    let key = wrapped(pkcs8, algorithm)?;
    let Some(both) = der::only(SEQUENCE, key) else {
        return Some((key.strip_prefix(&[0x80, 32])?.try_into().ok()?, None));
    };
    let (seed, expanded) = der::first(OCTET_STRING, both)?;
    Some((seed.try_into().ok()?, Some(der::only(OCTET_STRING, expanded)?)))
}

/// The scalar in an EC private key ([RFC 5915]) on a curve of 256 bits, and its point where that is
/// there too, as the coordinates one after the other.
///
/// [RFC 5915]: https://www.rfc-editor.org/rfc/rfc5915
#[must_use]
pub fn scalar(pkcs8: &Secret, algorithm: Algorithm) -> Option<([u8; 32], Option<&[u8]>)> {
    let key = der::only(SEQUENCE, wrapped(pkcs8, algorithm)?)?.strip_prefix(&[INTEGER, 1, 1])?;
    let (scalar, rest) = der::first(OCTET_STRING, key)?;
    // The curve may be named once more.
    let rest = der::first(PARAMETERS, rest).map_or(rest, |(_, rest)| rest);
    let point = match rest {
        [] => None,
        rest => Some(der::only(BIT_STRING, der::only(POINT, rest)?)?.strip_prefix(&[0, 4])?),
    };
    Some((scalar.try_into().ok()?, point))
}

/// The private key within PKCS#8, which must be for this algorithm.
fn wrapped(pkcs8: &Secret, algorithm: Algorithm) -> Option<&[u8]> {
    let inner = der::only(SEQUENCE, pkcs8.expose())?;
    let key = inner.strip_prefix(&[INTEGER, 1, 0])?.strip_prefix(identifier(algorithm)?)?;
    der::only(OCTET_STRING, key)
}

const fn curve(algorithm: Algorithm) -> Option<Curve> {
    match algorithm {
        Algorithm::Es256 => Some(Curve::P256),
        Algorithm::Es384 => Some(Curve::P384),
        Algorithm::Es512 => Some(Curve::P521),
        Algorithm::Es256K => Some(Curve::Secp256k1),
        _ => None,
    }
}

/// The AlgorithmIdentifier of the keys, in DER; `None` where they are never in PEM.
const fn identifier(algorithm: Algorithm) -> Option<&'static [u8]> {
    match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => None,
        Algorithm::Es256 => Some(
            b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
        ),
        Algorithm::Es384 => {
            Some(b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22")
        }
        Algorithm::Es512 => {
            Some(b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23")
        }
        Algorithm::Es256K => {
            Some(b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a")
        }
        Algorithm::EdDsa | Algorithm::Ed25519 => Some(ED25519),
        Algorithm::MlDsa44 => Some(b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11"),
        Algorithm::MlDsa65 => Some(b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12"),
        Algorithm::MlDsa87 => Some(b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13"),
        _ => Some(RSA),
    }
}

const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";

const MALFORMED: Error = invalid(
    "the key is no well-formed PEM: it begins with -----BEGIN PUBLIC KEY----- or -----BEGIN PRIVATE KEY-----",
);
const LABEL: Error = invalid(
    "the PEM holds no plain key; take the public key out of a certificate (openssl x509 -pubkey -noout), decrypt an encrypted one (openssl pkey)",
);
const OTHER: Error = invalid("the key in the PEM is not one for this algorithm");
const COMPRESSED: Error = invalid(
    "the point in the PEM is compressed; write the key anew (openssl ec -conv_form uncompressed)",
);
const NO_PEM: Error =
    unsupported("secrets for HMAC are never in PEM; give { secret, alg } or an \"oct\" JWK");
