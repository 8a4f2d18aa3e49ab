//! Verifying in two pure steps around whoever computes the signature ([RFC 7519, section 7.2]).
//!
//! [`Verifier::begin`] says which key and algorithm, [`NeedSignature::finish`] takes the answer. So
//! synchronous and asynchronous engines share one policy, and claims exist only once both agree.
//!
//! [RFC 7519, section 7.2]: https://www.rfc-editor.org/rfc/rfc7519#section-7.2

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::claims;
use super::compact::{Head, UntrustedToken};
use super::jwks::KeySet;
use super::policy::Policy;
use super::window::Window;
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value};

/// Keys and rules.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verifier {
    /// The keys that tokens may be signed with.
    pub keys: KeySet,
    /// What else is asked of them.
    pub policy: Policy,
}

impl Verifier {
    /// A verifier with these keys and rules.
    #[must_use]
    pub const fn new(keys: KeySet, policy: Policy) -> Self {
        Self { keys, policy }
    }

    /// Takes a token apart and says which signature has to be checked.
    ///
    /// # Errors
    /// `ERR_JWS_INVALID`, `ERR_JWT_INVALID`, `ERR_JOSE_NOT_SUPPORTED`, `ERR_JOSE_ALG_NOT_ALLOWED`,
    /// `ERR_JWKS_NO_MATCHING_KEY`, `ERR_JWKS_MULTIPLE_MATCHING_KEYS`.
    pub fn begin<'t>(&self, token: &'t str) -> Result<NeedSignature<'t>, Error> {
        self.begin_after(token, None)
    }

    /// As [`Verifier::begin`], for one of many tokens: see [`UntrustedToken::parse_after`].
    ///
    /// # Errors
    /// As [`Verifier::begin`].
    pub fn begin_after<'t>(
        &self,
        token: &'t str,
        last: Option<&Arc<Head>>,
    ) -> Result<NeedSignature<'t>, Error> {
        let token = UntrustedToken::parse_after(token, last)?;
        let header = token.header();
        header.require_understood(&self.policy.crit)?;
        if !header.b64 {
            return Err(Error::new(Code::JwtInvalid, "a JWT must not have an unencoded payload")
                .claim("b64"));
        }
        let algorithm = header.algorithm.filter(|algorithm| match &self.policy.algorithms {
            Some(allowed) => allowed.contains(algorithm),
            None => self.keys.allows(*algorithm),
        });
        let algorithm = algorithm.ok_or(NOT_ALLOWED)?;
        let key = self.keys.select(algorithm, header)?;
        Ok(NeedSignature { token, algorithm, key })
    }
}

const NOT_ALLOWED: Error = Error::new(
    Code::AlgNotAllowed,
    "the token's algorithm is not one that the keys and the option algorithms allow",
);

/// A token whose signature has yet to be checked.
#[derive(Clone, Debug)]
pub struct NeedSignature<'t> {
    token: UntrustedToken<'t>,
    algorithm: Algorithm,
    key: usize,
}

impl NeedSignature<'_> {
    /// The algorithm to check it with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The position, among the verifier's keys, of the key to check it with.
    #[must_use]
    pub const fn key(&self) -> usize {
        self.key
    }

    /// The token's head.
    #[must_use]
    pub const fn head(&self) -> &Arc<Head> {
        self.token.head()
    }

    /// The bytes that the signature is over.
    #[must_use]
    pub const fn signing_input(&self) -> &[u8] {
        self.token.signing_input().as_bytes()
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.token.signature()
    }

    /// The same without the signing input, for whoever has asked the engine and waits: it no longer
    /// needs the token's text.
    #[must_use]
    pub fn detached(self) -> NeedSignature<'static> {
        NeedSignature { token: self.token.detached(), algorithm: self.algorithm, key: self.key }
    }

    /// Takes the engine's answer and checks the claims at `now` (Unix seconds).
    ///
    /// # Errors
    /// `ERR_JWS_SIGNATURE_VERIFICATION_FAILED`, `ERR_JWT_INVALID`, and what [`Policy::check`] refuses.
    pub fn finish(self, valid: bool, policy: &Policy, now: f64) -> Result<VerifiedClaims, Error> {
        self.finished(valid, policy, now, false).map(|(verified, _)| verified)
    }

    /// As [`NeedSignature::finish`], and for how long the answer holds; `None` where that cannot be said.
    ///
    /// # Errors
    /// As [`NeedSignature::finish`].
    pub fn finish_lasting(
        self,
        valid: bool,
        policy: &Policy,
        now: f64,
    ) -> Result<(VerifiedClaims, Option<Window>), Error> {
        self.finished(valid, policy, now, true)
    }

    fn finished(
        self,
        valid: bool,
        policy: &Policy,
        now: f64,
        lasting: bool,
    ) -> Result<(VerifiedClaims, Option<Window>), Error> {
        let signed = self.finish_signature(valid)?;
        let json = String::from_utf8(signed.payload).map_err(|_| claims::NOT_AN_OBJECT)?;
        let typ = signed.head.header().typ.as_deref();
        let claims = claims::parse(json.as_bytes())?;
        policy.check(typ, &claims, now)?;
        let window = if lasting { Window::of(policy, typ, &claims) } else { None };
        Ok((VerifiedClaims { head: signed.head, claims: json }, window))
    }

    /// Takes the engine's answer alone, for a payload that need not be claims.
    ///
    /// # Errors
    /// `ERR_JWS_SIGNATURE_VERIFICATION_FAILED`.
    pub fn finish_signature(self, valid: bool) -> Result<SignedPayload, Error> {
        if !valid {
            return Err(Error::new(
                Code::JwsSignatureVerificationFailed,
                "the signature is not the key's: the token was changed, or signed by somebody else",
            ));
        }
        let (head, payload) = self.token.into_head_and_payload();
        Ok(SignedPayload { head, payload })
    }
}

/// What a good signature is over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignedPayload {
    /// The token's head.
    pub head: Arc<Head>,
    /// The payload, whatever it is.
    pub payload: Vec<u8>,
}

/// Claims whose signature and rules were checked; there is no other way to make one.
#[derive(Clone, Debug)]
pub struct VerifiedClaims {
    head: Arc<Head>,
    claims: String,
}

impl VerifiedClaims {
    /// The header as it was written: one strict JSON object.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.head.json()
    }

    /// The claims as they were written: one strict JSON object.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        &self.claims
    }

    /// The claims, read again.
    #[must_use]
    pub fn claims(&self) -> Object<'_> {
        Object::parse(self.claims.as_bytes()).unwrap_or_default()
    }

    /// The string claim `name`.
    #[must_use]
    pub fn string(&self, name: &str) -> Option<String> {
        self.claims().string(name).map(String::from)
    }

    /// The numeric claim `name`.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        self.claims().get(name).and_then(Value::as_number).map(|number| number.as_f64())
    }
}
