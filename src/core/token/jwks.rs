//! Sets of keys, and which of them a token is to be verified with ([RFC 7517, section 5]).
//!
//! [RFC 7517, section 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5

use super::algorithm::Algorithm;
use super::header::Header;
use super::jwk::{Jwk, Material};
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value};

/// The keys of a verifier.
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Vec<Jwk>,
    is_one_key: bool,
}

impl From<Jwk> for KeySet {
    /// One key, for whatever `kid` a token names.
    fn from(key: Jwk) -> Self {
        Self { keys: vec![key], is_one_key: true }
    }
}

impl From<Vec<Jwk>> for KeySet {
    /// Keys of which a token chooses by `kid`.
    fn from(keys: Vec<Jwk>) -> Self {
        Self { keys, is_one_key: false }
    }
}

impl KeySet {
    /// Reads a JWK or a JWK set.
    ///
    /// Members of a set that nobody here can use are left out, as the standard asks, unless that
    /// leaves none.
    ///
    /// # Errors
    /// `ERR_JWKS_INVALID` for a malformed set, and what [`Jwk::parse`] refuses.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let object = Object::parse(json)
            .ok_or(Error::new(Code::JwksInvalid, "keys must be a JWK or a JWK set"))?;
        let Some(keys) = object.get("keys") else {
            return Ok(Self::from(Jwk::from_object(&object)?));
        };
        let (usable, refused) = members(keys)?;
        match refused.filter(|_| usable.is_empty()) {
            Some(error) => Err(error),
            None => Ok(Self::from(usable)),
        }
    }

    /// Reads the JWK set that a server publishes.
    ///
    /// Keys that nobody here can use are left out, even if that leaves none: the server has withdrawn
    /// all others. So are shared secrets, which are none once they are published.
    ///
    /// # Errors
    /// `ERR_JWKS_INVALID` for what is no JWK set.
    pub fn published(json: &[u8]) -> Result<Self, Error> {
        let object = Object::parse(json).ok_or(NOT_A_SET)?;
        let (mut usable, _) = members(object.get("keys").ok_or(NOT_A_SET)?)?;
        usable.retain(|key| !matches!(key.material, Material::Oct { .. }));
        Ok(Self::from(usable))
    }

    /// The keys; [`KeySet::select`] gives positions among them.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// Whether any key allows `algorithm`; where there is none, none forbids it.
    #[must_use]
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        self.keys.is_empty() || self.keys.iter().any(|key| key.allows(algorithm))
    }

    /// The position of the one key that a token with this header is to be verified with.
    ///
    /// # Errors
    /// `ERR_JWKS_NO_MATCHING_KEY` or `ERR_JWKS_MULTIPLE_MATCHING_KEYS`.
    pub fn select(&self, algorithm: Algorithm, header: &Header) -> Result<usize, Error> {
        let fits = |key: &Jwk| {
            let named = self.is_one_key || header.kid.is_none() || header.kid == key.kid;
            named && key.verifies && key.allows(algorithm)
        };
        let mut fitting = self.keys.iter().enumerate().filter(|(_, key)| fits(key));
        let (position, _) = fitting.next().ok_or(NO_MATCH)?;
        if fitting.next().is_some() {
            return Err(SEVERAL);
        }
        Ok(position)
    }
}

/// The usable ones of a set's keys, and what is wrong with one of the others.
fn members(keys: &Value<'_>) -> Result<(Vec<Jwk>, Option<Error>), Error> {
    let keys = keys.as_array().ok_or(NOT_OBJECTS)?;
    if !keys.iter().all(|key| matches!(key, Value::Object(_))) {
        return Err(NOT_OBJECTS);
    }
    let mut usable = Vec::new();
    let mut refused = None;
    for key in keys.iter().filter_map(Value::as_object) {
        match Jwk::from_object(key) {
            Ok(key) => usable.push(key),
            Err(error) => refused = Some(error),
        }
    }
    Ok((usable, refused))
}

const NOT_A_SET: Error = Error::new(
    Code::JwksInvalid,
    "what keys.url answers is no JWK set: one strict JSON object with the member keys",
);
const NOT_OBJECTS: Error =
    Error::new(Code::JwksInvalid, "the member keys of a JWK set must be an array of JWKs");
const NO_MATCH: Error = Error::new(
    Code::JwksNoMatchingKey,
    "no key of the set fits the token's alg and kid; was the key rotated out?",
);
const SEVERAL: Error = Error::new(
    Code::JwksMultipleMatchingKeys,
    "several keys of the set fit the token; give each key a kid, and let the signer name it",
);
