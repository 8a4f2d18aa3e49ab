//! Signatures computed in Rust: by jwt-simple, without its claims, clock and headers.
//!
//! jwt-simple gives HMAC over raw bytes; for the rest it signs and verifies whole tokens only, so
//! the crates that it computes with are asked themselves. Its own key types would bring the printing
//! of stack traces along, which is 10 KB of every download.

use std::fmt;

use ed25519_compact::{
    PublicKey as EdPublicKey, SecretKey as EdSecretKey, Signature as EdSignature,
};
use hmac_sha256::Hash;
use jwt_simple::algorithms::{HS384Key, HS512Key, MACLike};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::elliptic_curve::point::AffineCoordinates;
use superboring::mldsa::{self, MlDsaPrivateKey, MlDsaPublicKey};
use zeroize::Zeroizing;

use super::rsa;
use crate::core::error::{Code, Error};
use crate::core::secret::{Secret, equal};
use crate::core::token::algorithm::Algorithm;
use crate::core::token::jwk::{Curve, Jwk, Material};
#[cfg(all(feature = "wasm", feature = "issuer"))]
use crate::core::token::pem;

/// A key that verifies with one algorithm.
#[derive(Clone, Debug)]
pub(super) enum VerifyingKey {
    Hmac(Hmac),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    Secp256k1(k256::ecdsa::VerifyingKey),
    Ed25519(EdPublicKey),
    /// Bytes that are no point of Ed25519: hosts take them for a key, under which nothing is signed.
    Nobodys,
    Rsa(Box<rsa::VerifyingKey>),
    MlDsa(Box<MlDsaPublicKey>),
}

impl VerifyingKey {
    /// Takes the public part of a key, or the shared secret.
    pub(super) fn new(key: &Jwk, algorithm: Algorithm) -> Result<Self, Error> {
        Ok(match &key.material {
            Material::Oct { k } => Self::Hmac(Hmac::new(k, algorithm)),
            Material::Ec { curve, x, y, .. } => {
                let key = match curve {
                    Curve::P256 => affine(x, y)
                        .and_then(|point| p256::ecdsa::VerifyingKey::from_affine(point).ok())
                        .map(Self::P256),
                    Curve::P384 => affine(x, y)
                        .and_then(|point| p384::ecdsa::VerifyingKey::from_affine(point).ok())
                        .map(Self::P384),
                    Curve::Secp256k1 => affine(x, y)
                        .and_then(|point| k256::ecdsa::VerifyingKey::from_affine(point).ok())
                        .map(Self::Secp256k1),
                    Curve::P521 => return Err(NO_P521),
                };
                key.ok_or(NOT_ON_CURVE)?
            }
            Material::Ed25519 { x, .. } => EdPublicKey::from_slice(x)
                .and_then(|key| key.validate().map(|()| key))
                .map_or(Self::Nobodys, Self::Ed25519),
            Material::Rsa(key) => Self::Rsa(Box::new(rsa::VerifyingKey::new(key, algorithm)?)),
            Material::MlDsa { algorithm, public, .. } => {
                let key = MlDsaPublicKey::from_slice(size(*algorithm), public);
                Self::MlDsa(Box::new(key.map_err(|_| NOT_A_PAIR)?))
            }
        })
    }

    /// Whether the signature is the key's.
    pub(super) fn verify(&self, input: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => equal(&key.tag(input), signature),
            Self::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(input, &signature).is_ok()),
            Self::P384(key) => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(input, &signature).is_ok()),
            // Of the two signatures that each message has here, the crate takes the lower alone.
            Self::Secp256k1(key) => k256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(input, &signature.normalize_s()).is_ok()),
            Self::Ed25519(key) => EdSignature::from_slice(signature)
                .is_ok_and(|signature| key.verify(input, &signature).is_ok()),
            Self::Nobodys => false,
            Self::Rsa(key) => key.verify(input, signature),
            Self::MlDsa(key) => key.verify(input, signature).is_ok(),
        }
    }
}

/// A key that signs with one algorithm.
pub(super) enum SigningKey {
    Hmac(Hmac),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Secp256k1(k256::ecdsa::SigningKey),
    Ed25519(EdSecretKey),
    MlDsa(Box<MlDsaPrivateKey>),
}

impl SigningKey {
    /// Takes the private part of a key, which must be that of its public part.
    pub(super) fn new(key: &Jwk) -> Result<Self, Error> {
        let own = Self::unpaired(key)?;
        let is_pair = match (&own, &key.material) {
            (Self::P256(key), Material::Ec { x, y, .. }) => {
                is_point(key.verifying_key().as_affine(), x, y)
            }
            (Self::P384(key), Material::Ec { x, y, .. }) => {
                is_point(key.verifying_key().as_affine(), x, y)
            }
            (Self::Secp256k1(key), Material::Ec { x, y, .. }) => {
                is_point(key.verifying_key().as_affine(), x, y)
            }
            (Self::Ed25519(key), Material::Ed25519 { x, .. }) => EdPublicKey::from_slice(x)
                .and_then(|public| key.validate_public_key(&public))
                .is_ok(),
            (Self::MlDsa(own), Material::MlDsa { public, .. }) => ml_dsa_public(own)? == *public,
            _ => true,
        };
        if is_pair { Ok(own) } else { Err(NOT_A_PAIR) }
    }

    fn unpaired(key: &Jwk) -> Result<Self, Error> {
        let signing = match &key.material {
            Material::Oct { k } => Some(Self::Hmac(Hmac::new(k, key.signing_algorithm()))),
            Material::Ec { curve, d: Some(d), .. } => match curve {
                Curve::P256 => p256::ecdsa::SigningKey::from_slice(d.expose()).ok().map(Self::P256),
                Curve::P384 => p384::ecdsa::SigningKey::from_slice(d.expose()).ok().map(Self::P384),
                Curve::Secp256k1 => {
                    k256::ecdsa::SigningKey::from_slice(d.expose()).ok().map(Self::Secp256k1)
                }
                Curve::P521 => return Err(NO_P521),
            },
            Material::Ed25519 { x, d: Some(d) } => {
                let both = Secret::new([d.expose(), x].concat());
                EdSecretKey::from_slice(both.expose()).ok().map(Self::Ed25519)
            }
            Material::MlDsa { algorithm, seed: Some(seed), .. } => {
                return ml_dsa_private(*algorithm, seed).map(Box::new).map(Self::MlDsa);
            }
            Material::Rsa(_) if key.is_private() => return Err(NO_RSA),
            _ => return Err(Error::new(Code::JwkInvalid, "signing takes a private key").claim("d")),
        };
        signing.ok_or(NOT_A_PAIR)
    }

    /// The signature over `input`.
    pub(super) fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(match self {
            Self::Hmac(key) => key.tag(input),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(input);
                signature.to_bytes().to_vec()
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign(input);
                signature.to_bytes().to_vec()
            }
            Self::Secp256k1(key) => {
                let signature: k256::ecdsa::Signature = key.sign(input);
                signature.to_bytes().to_vec()
            }
            Self::Ed25519(key) => key.sign(input, None).to_vec(),
            Self::MlDsa(key) => key.sign(input).map_err(|_| NO_RANDOMNESS)?,
        })
    }
}

/// A shared secret with its hash.
#[derive(Clone, Debug)]
pub(super) enum Hmac {
    Sha256(Hmac256),
    Sha384(HS384Key),
    Sha512(HS512Key),
}

impl Hmac {
    fn new(secret: &Secret, algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Hs384 => Self::Sha384(HS384Key::from_bytes(secret.expose())),
            Algorithm::Hs512 => Self::Sha512(HS512Key::from_bytes(secret.expose())),
            _ => Self::Sha256(Hmac256::new(secret.expose())),
        }
    }

    fn tag(&self, input: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256(key) => key.tag(input).to_vec(),
            Self::Sha384(key) => key.authentication_tag(input),
            Self::Sha512(key) => key.authentication_tag(input),
        }
    }
}

/// HMAC-SHA256 with the key's block hashed beforehand, inside and outside (RFC 2104, section 4): of the ten blocks that
/// a short token takes, two are the key's.
#[derive(Clone)]
pub(super) struct Hmac256 {
    inside: Hash,
    outside: Hash,
}

impl Hmac256 {
    fn new(key: &[u8]) -> Self {
        let digest;
        let key = if key.len() > 64 {
            digest = Hash::hash(key);
            digest.as_slice()
        } else {
            key
        };
        let padded = |pad: u8| {
            let mut block = Zeroizing::new([pad; 64]);
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            let mut hash = Hash::new();
            hash.update(*block);
            hash
        };
        Self { inside: padded(0x36), outside: padded(0x5c) }
    }

    fn tag(&self, input: &[u8]) -> [u8; 32] {
        let (mut inside, mut outside) = (self.inside, self.outside);
        inside.update(input);
        outside.update(inside.finalize());
        outside.finalize()
    }
}

impl fmt::Debug for Hmac256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hmac256")
    }
}

/// A private key made from 32 random bytes, for the algorithms that hosts lack.
#[cfg(all(feature = "wasm", feature = "issuer"))]
pub(super) fn from_entropy(algorithm: Algorithm, entropy: [u8; 32]) -> Result<Jwk, Error> {
    let material = material_from(algorithm, entropy)?;
    Ok(Jwk { kid: None, alg: Some(algorithm), verifies: true, signs: true, material })
}

/// A private key in PKCS#8, for the algorithms that hosts lack.
#[cfg(all(feature = "wasm", feature = "issuer"))]
pub(super) fn from_pkcs8(algorithm: Algorithm, pkcs8: &Secret) -> Result<Jwk, Error> {
    if algorithm == Algorithm::Es256K {
        let (scalar, point) = pem::scalar(pkcs8, algorithm).ok_or(NOT_PKCS8)?;
        let key = from_entropy(algorithm, scalar)?;
        return match (&key.material, point) {
            (Material::Ec { x, y, .. }, Some(point)) if point != [x.as_slice(), y].concat() => {
                Err(NOT_A_PAIR)
            }
            _ => Ok(key),
        };
    }
    let (seed, expanded) = pem::seed(pkcs8, algorithm).ok_or(NOT_PKCS8)?;
    let key = from_entropy(algorithm, seed)?;
    // Both forms of the key begin with the same 32 bytes, which are a hash of the seed.
    if let (Some(expanded), Material::MlDsa { public, .. }) = (expanded, &key.material)
        && expanded.get(..32) != public.get(..32)
    {
        return Err(NOT_A_PAIR);
    }
    Ok(key)
}

#[cfg(all(feature = "wasm", feature = "issuer"))]
fn material_from(algorithm: Algorithm, entropy: [u8; 32]) -> Result<Material, Error> {
    let secret = Secret::new(entropy.to_vec());
    if algorithm == Algorithm::Es256K {
        let key = k256::ecdsa::SigningKey::from_slice(&entropy).map_err(|_| NO_RANDOMNESS)?;
        let point = key.verifying_key().as_affine();
        let (x, y) = (point.x().to_vec(), point.y().to_vec());
        return Ok(Material::Ec { curve: Curve::Secp256k1, x, y, d: Some(secret) });
    }
    let public = ml_dsa_public(&ml_dsa_private(algorithm, &secret)?)?;
    Ok(Material::MlDsa { algorithm, public, seed: Some(secret) })
}

fn ml_dsa_private(algorithm: Algorithm, seed: &Secret) -> Result<MlDsaPrivateKey, Error> {
    let seed = seed.expose().try_into().map_err(|_| NOT_A_PAIR)?;
    MlDsaPrivateKey::from_seed(size(algorithm), seed).map_err(|_| NOT_A_PAIR)
}

fn ml_dsa_public(key: &MlDsaPrivateKey) -> Result<Vec<u8>, Error> {
    key.public_key().and_then(|key| key.to_bytes()).map_err(|_| NOT_A_PAIR)
}

const fn size(algorithm: Algorithm) -> mldsa::Algorithm {
    match algorithm {
        Algorithm::MlDsa44 => mldsa::Algorithm::MlDsa44,
        Algorithm::MlDsa65 => mldsa::Algorithm::MlDsa65,
        _ => mldsa::Algorithm::MlDsa87,
    }
}

/// The point with these coordinates, where it is one of the curve.
fn affine<P: AffineCoordinates>(x: &[u8], y: &[u8]) -> Option<P>
where
    P::FieldRepr: for<'b> TryFrom<&'b [u8]>,
{
    P::from_coordinates(&x.try_into().ok()?, &y.try_into().ok()?).into_option()
}

fn is_point<P: AffineCoordinates>(point: &P, x: &[u8], y: &[u8]) -> bool {
    point.x().as_ref() == x && point.y().as_ref() == y
}

const NOT_ON_CURVE: Error = Error::new(Code::JwkInvalid, "the key is no valid point of its curve");
#[cfg(all(feature = "wasm", feature = "issuer"))]
const NOT_PKCS8: Error = Error::new(
    Code::JwkInvalid,
    "the PEM is no private key for this algorithm (of an ML-DSA key the seed must be there)",
);
const NOT_A_PAIR: Error =
    Error::new(Code::JwkInvalid, "the private part of the key is not that of its public part");
const NO_P521: Error = Error::new(
    Code::NotSupported,
    "ES512 is computed by the host alone, which takes a promise; await verify() or sign()",
);
const NO_RSA: Error = Error::new(
    Code::NotSupported,
    "RSA keys sign on the host alone, in constant time, which takes a promise; await sign()",
);
const NO_RANDOMNESS: Error =
    Error::new(Code::NotSupported, "the host gave no randomness, without which there is no key");

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prepared_key_gives_the_same_tag() {
        for length in [0, 1, 32, 63, 64, 65, 128, 200] {
            let key: Vec<u8> = (0..length).collect();
            for input in [&b""[..], b"short", &[7; 64], &[9; 1000]] {
                assert_eq!(Hmac256::new(&key).tag(input), hmac_sha256::HMAC::mac(input, &key));
            }
        }
    }
}
