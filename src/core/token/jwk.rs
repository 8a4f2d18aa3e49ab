//! Keys as JSON ([RFC 7517]; members by [RFC 7518, section 6] and [RFC 8037, section 2]).
//!
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517
//! [RFC 7518, section 6]: https://www.rfc-editor.org/rfc/rfc7518#section-6
//! [RFC 8037, section 2]: https://www.rfc-editor.org/rfc/rfc8037#section-2

use super::algorithm::Algorithm;
use super::base64url;
use super::small_order::is_small_order;
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value, Writer};
use crate::core::secret::Secret;

/// The shortest HMAC key, in bytes: the length of the hash ([RFC 7518, section 3.2]).
///
/// [RFC 7518, section 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
pub const MIN_SECRET: usize = 32;

/// One key: public, private or shared.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Jwk {
    /// The name by which tokens refer to it.
    pub kid: Option<String>,
    /// The one algorithm it is for, where it says so.
    pub alg: Option<Algorithm>,
    /// Whether `use` and `key_ops` let it verify.
    pub verifies: bool,
    /// Whether `use` and `key_ops` let it sign.
    pub signs: bool,
    /// The key itself.
    pub material: Material,
}

/// The key itself, by key type.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Material {
    /// A point on P-256 and, in a private key, its secret.
    P256 {
        /// The first coordinate.
        x: [u8; 32],
        /// The second coordinate.
        y: [u8; 32],
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
    /// A secret that signer and verifier share.
    Oct {
        /// The secret.
        k: Secret,
    },
}

impl Jwk {
    /// Reads one key.
    ///
    /// # Errors
    /// `ERR_JWK_INVALID` for a malformed or too short key, `ERR_JOSE_NOT_SUPPORTED` for a type,
    /// curve or algorithm that does not exist here.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let object =
            Object::parse(json).ok_or_else(|| invalid("the key is not one JSON object"))?;
        Self::from_object(&object)
    }

    /// Reads one key that is part of something larger.
    ///
    /// # Errors
    /// As [`Jwk::parse`].
    pub fn from_object(object: &Object<'_>) -> Result<Self, Error> {
        let material = match (text(object, "kty")?, text(object, "crv")?) {
            (Some("EC"), Some("P-256")) => Material::P256 {
                x: coordinate(object, "x")?,
                y: coordinate(object, "y")?,
                d: private(object)?,
            },
            (Some("OKP"), Some("Ed25519")) => {
                let x = coordinate(object, "x")?;
                if is_small_order(&x) {
                    return Err(invalid(
                        "the key's point has a small order, so anybody can sign for it",
                    )
                    .claim("x"));
                }
                Material::Ed25519 { x, d: private(object)? }
            }
            (Some("oct"), _) => Material::Oct { k: shared(bytes(object, "k")?)? },
            (Some(_), _) => {
                return Err(unsupported("no algorithm here uses keys of this type or curve"));
            }
            (None, _) => return Err(invalid("the key has no type").claim("kty")),
        };
        let alg = match text(object, "alg")? {
            None => None,
            Some(name) => Some(Algorithm::from_name(name).ok_or_else(|| {
                unsupported("the key is for an algorithm that does not exist here").claim("alg")
            })?),
        };
        let usage = text(object, "use")?;
        let sig = usage.is_none_or(|usage| usage == "sig");
        let key = Self {
            kid: text(object, "kid")?.map(String::from),
            alg,
            verifies: sig && (may(object, "verify")? || may(object, "sign")?),
            signs: sig && may(object, "sign")?,
            material,
        };
        if key.alg.is_some_and(|alg| !key.material.algorithms().contains(&alg)) {
            return Err(invalid("the key's type does not fit its algorithm").claim("alg"));
        }
        Ok(key)
    }

    /// A secret that signer and verifier share.
    ///
    /// # Errors
    /// `ERR_JWK_INVALID` where it is too short, or `alg` does not take one.
    pub fn secret(secret: Vec<u8>, alg: Algorithm) -> Result<Self, Error> {
        if !alg.is_symmetric() {
            return Err(invalid("a secret is a key for HMAC only (alg \"HS256\")").claim("alg"));
        }
        let material = Material::Oct { k: shared(secret)? };
        Ok(Self { kid: None, alg: Some(alg), verifies: true, signs: true, material })
    }

    /// The algorithms that this key allows: tokens have no say in it.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        let fits = |alg: &Algorithm| self.alg.is_none_or(|own| own.same_as(*alg));
        self.material.algorithms().iter().copied().filter(fits)
    }

    /// Whether the key allows `algorithm`.
    #[must_use]
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms().any(|allowed| allowed == algorithm)
    }

    /// The algorithm that this key signs with.
    #[must_use]
    pub fn signing_algorithm(&self) -> Algorithm {
        self.alg.unwrap_or(match self.material {
            Material::P256 { .. } => Algorithm::Es256,
            Material::Ed25519 { .. } => Algorithm::EdDsa,
            Material::Oct { .. } => Algorithm::Hs256,
        })
    }

    /// Whether it holds what signing takes.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        match &self.material {
            Material::P256 { d, .. } | Material::Ed25519 { d, .. } => d.is_some(),
            Material::Oct { .. } => true,
        }
    }

    /// The key as a JWK set publishes it; `None` for a shared secret, which is never published.
    #[must_use]
    pub fn public_json(&self) -> Option<String> {
        let is_shared = matches!(self.material, Material::Oct { .. });
        (!is_shared).then(|| self.json(false))
    }

    /// The whole key with its private part: for its owner alone.
    #[must_use]
    pub fn private_json(&self) -> String {
        self.json(true)
    }

    fn json(&self, private: bool) -> String {
        let mut json = Writer::new();
        self.material.write(&mut json, private);
        if let Some(kid) = &self.kid {
            json.string("kid", kid);
        }
        json.string("alg", self.signing_algorithm().name()).string("use", "sig");
        json.finish()
    }

    /// The bare key material as a JWK, with its private part where `private` asks for it.
    #[must_use]
    pub fn material_json(&self, private: bool) -> String {
        let mut json = Writer::new();
        self.material.write(&mut json, private);
        json.finish()
    }

    /// What the thumbprint of the key is the hash of ([RFC 7638, section 3]).
    ///
    /// [RFC 7638, section 3]: https://www.rfc-editor.org/rfc/rfc7638#section-3
    #[must_use]
    pub fn thumbprint_input(&self) -> String {
        let mut json = Writer::new();
        match &self.material {
            Material::P256 { x, y, .. } => {
                json.string("crv", "P-256").string("kty", "EC");
                json.string("x", &base64url::encode(x)).string("y", &base64url::encode(y));
            }
            Material::Ed25519 { x, .. } => {
                json.string("crv", "Ed25519").string("kty", "OKP");
                json.string("x", &base64url::encode(x));
            }
            Material::Oct { k } => {
                json.string("k", &base64url::encode(k.expose())).string("kty", "oct");
            }
        }
        json.finish()
    }
}

impl Material {
    const fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::P256 { .. } => &[Algorithm::Es256],
            Self::Ed25519 { .. } => &[Algorithm::EdDsa, Algorithm::Ed25519],
            Self::Oct { .. } => &[Algorithm::Hs256],
        }
    }

    fn write(&self, json: &mut Writer, private: bool) {
        let secret = match self {
            Self::P256 { x, y, d } => {
                json.string("kty", "EC").string("crv", "P-256");
                json.string("x", &base64url::encode(x)).string("y", &base64url::encode(y));
                d.as_ref().map(|d| ("d", d))
            }
            Self::Ed25519 { x, d } => {
                json.string("kty", "OKP").string("crv", "Ed25519");
                json.string("x", &base64url::encode(x));
                d.as_ref().map(|d| ("d", d))
            }
            Self::Oct { k } => {
                json.string("kty", "oct");
                Some(("k", k))
            }
        };
        if let Some((name, secret)) = secret.filter(|_| private) {
            json.string(name, &base64url::encode(secret.expose()));
        }
    }
}

fn text<'a>(object: &'a Object<'_>, name: &'static str) -> Result<Option<&'a str>, Error> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid("a member of the key that must be a string is none").claim(name)),
    }
}

fn bytes(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>, Error> {
    let decoded = text(object, name)?.and_then(base64url::decode);
    decoded.ok_or_else(|| invalid("a member of the key is missing or not base64url").claim(name))
}

fn coordinate(object: &Object<'_>, name: &'static str) -> Result<[u8; 32], Error> {
    let length = |_| invalid("a member of the key must be 32 bytes long").claim(name);
    <[u8; 32]>::try_from(bytes(object, name)?).map_err(length)
}

fn private(object: &Object<'_>) -> Result<Option<Secret>, Error> {
    if object.get("d").is_none() {
        return Ok(None);
    }
    let d = Secret::new(bytes(object, "d")?);
    if d.expose().len() != 32 {
        return Err(invalid("a member of the key must be 32 bytes long").claim("d"));
    }
    Ok(Some(d))
}

fn shared(secret: Vec<u8>) -> Result<Secret, Error> {
    let secret = Secret::new(secret);
    if secret.expose().len() < MIN_SECRET {
        return Err(
            invalid("an HMAC key must have at least as many bytes as its hash: 32").claim("k")
        );
    }
    Ok(secret)
}

fn may(object: &Object<'_>, operation: &str) -> Result<bool, Error> {
    match object.get("key_ops") {
        None => Ok(true),
        Some(Value::Array(allowed)) => Ok(allowed.iter().any(|op| op.as_str() == Some(operation))),
        Some(_) => Err(invalid("key_ops must be an array").claim("key_ops")),
    }
}

const fn unsupported(message: &'static str) -> Error {
    Error::new(Code::NotSupported, message)
}

const fn invalid(message: &'static str) -> Error {
    Error::new(Code::JwkInvalid, message)
}
