//! The key itself, by key type ([RFC 7518, section 6], [RFC 8037, section 2], [RFC 8812],
//! [RFC 9964]).
//!
//! [RFC 7518, section 6]: https://www.rfc-editor.org/rfc/rfc7518#section-6
//! [RFC 8037, section 2]: https://www.rfc-editor.org/rfc/rfc8037#section-2
//! [RFC 8812]: https://www.rfc-editor.org/rfc/rfc8812
//! [RFC 9964]: https://www.rfc-editor.org/rfc/rfc9964

use super::algorithm::Algorithm;
use super::base64url;
use super::member::{bytes, fixed, invalid, secret, text, unsupported};
use super::rsa::RsaKey;
use super::small_order::is_small_order;
use crate::core::error::Error;
use crate::core::json::{Object, Writer};
use crate::core::secret::Secret;

/// The bytes from which ML-DSA makes its whole private key.
const SEED: usize = 32;

/// The key itself, by key type.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Material {
    /// A point on a curve and, in a private key, its secret.
    Ec {
        /// The curve.
        curve: Curve,
        /// The first coordinate.
        x: Vec<u8>,
        /// The second coordinate.
        y: Vec<u8>,
        /// The secret.
        d: Option<Secret>,
    },
    /// A point on Ed25519 and, in a private key, its secret.
    Ed25519 {
        /// The encoded point.
        x: [u8; 32],
        /// The secret.
        d: Option<Secret>,
    },
    /// A modulus with its exponent and, in a private key, its factors.
    Rsa(RsaKey),
    /// An ML-DSA key and, in a private key, the seed it was made from.
    MlDsa {
        /// Its size: one algorithm each.
        algorithm: Algorithm,
        /// The encoded public key.
        public: Vec<u8>,
        /// The seed.
        seed: Option<Secret>,
    },
    /// A secret that signer and verifier share.
    Oct {
        /// The secret.
        k: Secret,
    },
}

/// A curve for ECDSA; tokens use each with one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Curve {
    /// NIST's of 256 bits.
    P256,
    /// NIST's of 384 bits.
    P384,
    /// NIST's of 521 bits.
    P521,
    /// SEC 2's Koblitz curve of 256 bits.
    Secp256k1,
}

impl Curve {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    const fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::P256 => &[Algorithm::Es256],
            Self::P384 => &[Algorithm::Es384],
            Self::P521 => &[Algorithm::Es512],
            Self::Secp256k1 => &[Algorithm::Es256K],
        }
    }

    /// The length of a coordinate, in bytes.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl Material {
    pub(super) fn read(object: &Object<'_>) -> Result<Self, Error> {
        let curve = match (text(object, "kty")?, text(object, "crv")?) {
            (Some("EC"), Some("P-256")) => Curve::P256,
            (Some("EC"), Some("P-384")) => Curve::P384,
            (Some("EC"), Some("P-521")) => Curve::P521,
            (Some("EC"), Some("secp256k1")) => Curve::Secp256k1,
            (Some("OKP"), Some("Ed25519")) => return ed25519(object),
            (Some("RSA"), _) => return RsaKey::read(object).map(Self::Rsa),
            (Some("AKP"), _) => return ml_dsa(object),
            (Some("oct"), _) => return Self::shared(bytes(object, "k")?),
            (Some(_), _) => {
                return Err(unsupported("no algorithm here uses keys of this type or curve"));
            }
            (None, _) => return Err(invalid("the key has no type").claim("kty")),
        };
        let part = |name| fixed(object, name, curve.width());
        let d = secret(object, "d", curve.width())?;
        Ok(Self::Ec { curve, x: part("x")?, y: part("y")?, d })
    }

    pub(super) fn shared(secret: Vec<u8>) -> Result<Self, Error> {
        let material = Self::Oct { k: Secret::new(secret) };
        if material.algorithms().is_empty() {
            return Err(TOO_SHORT.claim("k"));
        }
        Ok(material)
    }

    /// The algorithms that a key of this kind can be for; where it does not say, it signs with the first.
    pub(super) fn algorithms(&self) -> &'static [Algorithm] {
        use Algorithm::{Hs256, Hs384, Hs512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self {
            Self::Ec { curve, .. } => curve.algorithms(),
            Self::Ed25519 { .. } => &[Algorithm::EdDsa, Algorithm::Ed25519],
            Self::Rsa(_) => &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512],
            Self::MlDsa { algorithm, .. } => match algorithm {
                Algorithm::MlDsa44 => &[Algorithm::MlDsa44],
                Algorithm::MlDsa65 => &[Algorithm::MlDsa65],
                _ => &[Algorithm::MlDsa87],
            },
            Self::Oct { k } => match k.expose().len() {
                ..32 => &[],
                32..48 => &[Hs256],
                48..64 => &[Hs256, Hs384],
                64.. => &[Hs256, Hs384, Hs512],
            },
        }
    }

    pub(super) const fn is_private(&self) -> bool {
        match self {
            Self::Ec { d, .. } | Self::Ed25519 { d, .. } => d.is_some(),
            Self::Rsa(key) => key.is_private(),
            Self::MlDsa { seed, .. } => seed.is_some(),
            Self::Oct { .. } => true,
        }
    }

    /// Writes what every key of its kind must have, in the order of the names: so a thumbprint is
    /// taken of just this ([RFC 7638, section 3.2]).
    ///
    /// [RFC 7638, section 3.2]: https://www.rfc-editor.org/rfc/rfc7638#section-3.2
    pub(super) fn write_required(&self, json: &mut Writer) {
        match self {
            Self::Ec { curve, x, y, .. } => {
                json.string("crv", curve.name()).string("kty", "EC");
                json.string("x", &base64url::encode(x)).string("y", &base64url::encode(y));
            }
            Self::Ed25519 { x, .. } => {
                json.string("crv", "Ed25519").string("kty", "OKP");
                json.string("x", &base64url::encode(x));
            }
            Self::Rsa(key) => key.write_public(json),
            Self::MlDsa { algorithm, public, .. } => {
                json.string("alg", algorithm.name()).string("kty", "AKP");
                json.string("pub", &base64url::encode(public));
            }
            Self::Oct { k } => {
                json.string("k", &base64url::encode(k.expose())).string("kty", "oct");
            }
        }
    }

    /// Writes what only the key's owner may see, beyond what is required.
    pub(super) fn write_private(&self, json: &mut Writer) {
        let (name, secret) = match self {
            Self::Ec { d, .. } | Self::Ed25519 { d, .. } => ("d", d),
            Self::MlDsa { seed, .. } => ("priv", seed),
            Self::Rsa(key) => return key.write_private(json),
            Self::Oct { .. } => return,
        };
        if let Some(secret) = secret {
            json.string(name, &base64url::encode(secret.expose()));
        }
    }
}

/// Of an HMAC key that is shorter than its hash.
pub(super) const TOO_SHORT: Error = invalid(
    "an HMAC key must have as many bytes as its hash: 32 for HS256, 48 for HS384, 64 for HS512",
);

fn ed25519(object: &Object<'_>) -> Result<Material, Error> {
    let length = |_| invalid("a member of the key must be 32 bytes long").claim("x");
    let x = <[u8; 32]>::try_from(bytes(object, "x")?).map_err(length)?;
    if is_small_order(&x) {
        let message = "the key's point has a small order, so anybody can sign for it";
        return Err(invalid(message).claim("x"));
    }
    Ok(Material::Ed25519 { x, d: secret(object, "d", 32)? })
}

fn ml_dsa(object: &Object<'_>) -> Result<Material, Error> {
    let named = text(object, "alg")?
        .ok_or_else(|| invalid("a key of type AKP must name its algorithm").claim("alg"))?;
    let (algorithm, length) = match Algorithm::from_name(named) {
        Some(algorithm @ Algorithm::MlDsa44) => (algorithm, 1312),
        Some(algorithm @ Algorithm::MlDsa65) => (algorithm, 1952),
        Some(algorithm @ Algorithm::MlDsa87) => (algorithm, 2592),
        Some(_) => return Err(invalid("the key's type does not fit its algorithm").claim("alg")),
        None => {
            let message = "the key is for an algorithm that does not exist here";
            return Err(unsupported(message).claim("alg"));
        }
    };
    let public = fixed(object, "pub", length)?;
    Ok(Material::MlDsa { algorithm, public, seed: secret(object, "priv", SEED)? })
}
