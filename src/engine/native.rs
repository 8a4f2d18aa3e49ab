//! Verifying and signing in Rust alone, without a host.

use super::digest::hashed_now;
use super::jwt_simple::{SigningKey, VerifyingKey};
use crate::core::error::{Code, Error};
use crate::core::token::base64url;
use crate::core::token::jwk::Jwk;
use crate::core::token::verifier::{VerifiedClaims, Verifier};

/// Verifies a token at `now` (Unix seconds).
///
/// # Errors
/// What [`Verifier::begin`] and [`NeedSignature::finish`] refuse, `ERR_JWK_INVALID` for a key that
/// is no point of its curve.
///
/// [`NeedSignature::finish`]: crate::core::token::verifier::NeedSignature::finish
pub fn verify(verifier: &Verifier, token: &str, now: f64) -> Result<VerifiedClaims, Error> {
    let pending = verifier.begin(token)?;
    let key = verifier.keys.keys().get(pending.key()).ok_or(GONE)?;
    let valid = VerifyingKey::new(key, pending.algorithm())?
        .verify(pending.signing_input(), pending.signature());
    let policy = hashed_now(&verifier.policy, pending.algorithm());
    pending.finish(valid, policy.as_ref().unwrap_or(&verifier.policy), now)
}

const GONE: Error = Error::new(Code::JwksNoMatchingKey, "the key is not among the verifier's");

/// A private key that signs tokens.
#[derive(Debug)]
pub struct Signer {
    key: SigningKey,
}

impl Signer {
    /// Takes a private key, or a shared secret.
    ///
    /// # Errors
    /// `ERR_JWK_INVALID` where the key is public, or its parts do not belong together;
    /// `ERR_JOSE_NOT_SUPPORTED` for RSA and P-521, which hosts alone sign with.
    pub fn new(key: &Jwk) -> Result<Self, Error> {
        Ok(Self { key: SigningKey::new(key)? })
    }

    /// The token of a header and a payload, both as they are to be read.
    ///
    /// # Errors
    /// `ERR_JOSE_NOT_SUPPORTED` where the algorithm wants randomness and the host has none.
    pub fn sign(&self, header: &str, payload: &str) -> Result<String, Error> {
        let header = base64url::encode(header.as_bytes());
        let input = [header, base64url::encode(payload.as_bytes())].join(".");
        let signature = base64url::encode(&self.key.sign(input.as_bytes())?);
        Ok([input, signature].join("."))
    }
}
