//! Keys as JSON ([RFC 7517]): their names, what they may be used for, and how they are written.
//!
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517

use super::algorithm::Algorithm;
use super::material::TOO_SHORT;
pub use super::material::{Curve, Material};
use super::member::{invalid, text, unsupported};
pub use super::rsa::RsaKey;
use crate::core::error::Error;
use crate::core::json::{Object, Value, Writer};

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
        let material = Material::read(object)?;
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
        key.fits()?;
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
        let material = Material::shared(secret)?;
        let key = Self { kid: None, alg: Some(alg), verifies: true, signs: true, material };
        key.fits()?;
        Ok(key)
    }

    fn fits(&self) -> Result<(), Error> {
        let Some(alg) = self.alg.filter(|alg| !self.material.algorithms().contains(alg)) else {
            return Ok(());
        };
        if alg.is_symmetric() && matches!(self.material, Material::Oct { .. }) {
            return Err(TOO_SHORT.claim("k"));
        }
        Err(invalid("the key's type does not fit its algorithm").claim("alg"))
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
        // A key whose kind has no algorithm at all is never made.
        self.alg.or_else(|| self.algorithms().next()).unwrap_or(Algorithm::Hs256)
    }

    /// Whether it holds what signing takes.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.material.is_private()
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
        let mut json = self.material_writer(private);
        if let Some(kid) = &self.kid {
            json.string("kid", kid);
        }
        // What ML-DSA keys are includes their algorithm.
        if !matches!(self.material, Material::MlDsa { .. }) {
            json.string("alg", self.signing_algorithm().name());
        }
        json.string("use", "sig");
        json.finish()
    }

    /// The bare key material as a JWK, with its private part where `private` asks for it.
    #[must_use]
    pub fn material_json(&self, private: bool) -> String {
        self.material_writer(private).finish()
    }

    fn material_writer(&self, private: bool) -> Writer {
        let mut json = Writer::new();
        self.material.write_required(&mut json);
        if private {
            self.material.write_private(&mut json);
        }
        json
    }

    /// What the thumbprint of the key is the hash of ([RFC 7638, section 3]).
    ///
    /// [RFC 7638, section 3]: https://www.rfc-editor.org/rfc/rfc7638#section-3
    #[must_use]
    pub fn thumbprint_input(&self) -> String {
        self.material_json(false)
    }
}

fn may(object: &Object<'_>, operation: &str) -> Result<bool, Error> {
    match object.get("key_ops") {
        None => Ok(true),
        Some(Value::Array(allowed)) => Ok(allowed.iter().any(|op| op.as_str() == Some(operation))),
        Some(_) => Err(invalid("key_ops must be an array").claim("key_ops")),
    }
}
