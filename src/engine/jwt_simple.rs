//! Signatures computed in Rust: jwt-simple's key primitives, without its claims, clock and headers.
//!
//! jwt-simple gives HMAC over raw bytes; for the rest it signs and verifies whole tokens only, so
//! its key types are asked for the keys of the two crates that it computes with itself.

use ed25519_compact::Signature as EdSignature;
use jwt_simple::algorithms::{
    Edwards25519KeyPair, Edwards25519PublicKey, HS256Key, MACLike, P256KeyPair, P256PublicKey,
};
use p256::ecdsa::Signature as EcSignature;
use p256::ecdsa::signature::{Signer, Verifier};

use crate::core::error::{Code, Error};
use crate::core::secret::{Secret, equal};
use crate::core::token::jwk::{Jwk, Material};

/// A key that verifies.
#[derive(Clone, Debug)]
pub(super) enum VerifyingKey {
    Hmac(HS256Key),
    P256(P256PublicKey),
    Ed25519(Edwards25519PublicKey),
    /// Bytes that are no point of Ed25519: hosts take them for a key, under which nothing is signed.
    Nobodys,
}

impl VerifyingKey {
    /// Takes the public part of a key, or the shared secret.
    pub(super) fn new(key: &Jwk) -> Result<Self, Error> {
        Ok(match &key.material {
            Material::Oct { k } => Self::Hmac(HS256Key::from_bytes(k.expose())),
            Material::P256 { x, y, .. } => {
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                Self::P256(P256PublicKey::from_bytes(&point).map_err(|_| NOT_ON_CURVE)?)
            }
            Material::Ed25519 { x, .. } => {
                Edwards25519PublicKey::from_bytes(x).map_or(Self::Nobodys, Self::Ed25519)
            }
        })
    }

    /// Whether the signature is the key's.
    pub(super) fn verify(&self, input: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => equal(&key.authentication_tag(input), signature),
            Self::P256(key) => EcSignature::from_slice(signature)
                .is_ok_and(|signature| key.as_ref().verify(input, &signature).is_ok()),
            Self::Ed25519(key) => EdSignature::from_slice(signature)
                .is_ok_and(|signature| key.as_ref().verify(input, &signature).is_ok()),
            Self::Nobodys => false,
        }
    }
}

/// A key that signs.
pub(super) enum SigningKey {
    Hmac(HS256Key),
    P256(P256KeyPair),
    Ed25519(Edwards25519KeyPair),
}

impl SigningKey {
    /// Takes the private part of a key, which must be that of its public part.
    pub(super) fn new(key: &Jwk) -> Result<Self, Error> {
        match &key.material {
            Material::Oct { k } => Ok(Self::Hmac(HS256Key::from_bytes(k.expose()))),
            Material::P256 { x, y, d: Some(d) } => {
                let pair = P256KeyPair::from_bytes(d.expose()).map_err(|_| NOT_A_PAIR)?;
                let point = pair.public_key().to_bytes_uncompressed();
                let is_pair = point.get(1..33) == Some(x) && point.get(33..) == Some(y);
                if is_pair { Ok(Self::P256(pair)) } else { Err(NOT_A_PAIR) }
            }
            Material::Ed25519 { x, d: Some(d) } => {
                let pair = Secret::new([d.expose(), x].concat());
                let pair = Edwards25519KeyPair::from_bytes(pair.expose());
                pair.map(Self::Ed25519).map_err(|_| NOT_A_PAIR)
            }
            _ => Err(Error::new(Code::JwkInvalid, "signing takes a private key").claim("d")),
        }
    }

    /// The signature over `input`.
    pub(super) fn sign(&self, input: &[u8]) -> Vec<u8> {
        match self {
            Self::Hmac(key) => key.authentication_tag(input),
            Self::P256(pair) => {
                let signature: EcSignature = pair.as_ref().sign(input);
                signature.to_bytes().to_vec()
            }
            Self::Ed25519(pair) => pair.as_ref().sk.sign(input, None).to_vec(),
        }
    }
}

const NOT_ON_CURVE: Error = Error::new(Code::JwkInvalid, "the key is no valid point of its curve");
const NOT_A_PAIR: Error =
    Error::new(Code::JwkInvalid, "the private part of the key is not that of its public part");

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}
