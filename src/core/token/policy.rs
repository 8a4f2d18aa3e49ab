//! What a verifier asks of a token beyond its signature ([RFC 7519, sections 4.1 and 7.2]).
//!
//! Names, order and edges are jose's, so that nobody has to learn them twice.
//!
//! [RFC 7519, sections 4.1 and 7.2]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1

use std::borrow::Cow;

use super::algorithm::Algorithm;
use super::at_hash::{AtHash, Hash};
use super::claims::{holds_one_of, numeric_date};
use super::header::same_type;
use super::profile::Profile;
use super::sign_in::SignIn;
use crate::core::error::{Code, Error};
use crate::core::json::Object;

/// The rules; an empty list asks for nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Policy {
    /// Narrows what the keys allow; `None` does not.
    pub algorithms: Option<Vec<Algorithm>>,
    /// Who may have issued it (`iss`).
    pub issuer: Vec<String>,
    /// For whom it must be (`aud`): one of these.
    pub audience: Vec<String>,
    /// About whom it must be (`sub`).
    pub subject: Option<String>,
    /// Its media type; `at+jwt` equals `application/at+jwt`.
    pub typ: Option<String>,
    /// Claims that must be there.
    pub required_claims: Vec<Cow<'static, str>>,
    /// Seconds by which clocks may differ.
    pub clock_tolerance: f64,
    /// Seconds since `iat` after which it counts as expired.
    pub max_token_age: Option<f64>,
    /// Critical extensions that the caller sees to.
    pub crit: Vec<String>,
    /// The kind of token that it must be.
    pub profile: Option<Profile>,
    /// What is asked about the sign-in behind it; boxed, since few ask.
    pub sign_in: Option<Box<SignIn>>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            algorithms: None,
            issuer: Vec::new(),
            audience: Vec::new(),
            subject: None,
            typ: None,
            required_claims: vec![Cow::Borrowed("exp")],
            clock_tolerance: 5.0,
            max_token_age: None,
            crit: Vec::new(),
            profile: None,
            sign_in: None,
        }
    }
}

impl Policy {
    /// Checks a token whose signature is good; `now` in Unix seconds, of which whole ones count.
    ///
    /// # Errors
    /// `ERR_JWT_EXPIRED`, or `ERR_JWT_CLAIM_VALIDATION_FAILED` with the claim and one of the
    /// reasons `missing`, `invalid`, `check_failed`; `ERR_STEP_UP_REQUIRED` with what is needed;
    /// `ERR_OPTIONS` where the profile lacks a rule.
    pub fn check(&self, typ: Option<&str>, claims: &Object<'_>, now: f64) -> Result<(), Error> {
        if !self.takes(typ) {
            return Err(failed("the token is not of the type that is asked for", "typ"));
        }
        let now = now.floor();
        self.check_presence(claims)?;
        self.check_names(claims)?;
        self.check_times(claims, now)?;
        if let Some(profile) = self.profile {
            profile.check(self, claims)?;
        }
        match &self.sign_in {
            None => Ok(()),
            Some(sign_in) => sign_in.check(self.profile, claims, now, self.clock_tolerance),
        }
    }

    /// The access token that must be hashed before [`Policy::check`] can compare `at_hash`, and how,
    /// for a token signed with `algorithm`; [`Policy::hashed`] takes the digest.
    #[must_use]
    pub fn to_hash(&self, algorithm: Algorithm) -> Option<(Hash, &[u8])> {
        match &self.sign_in.as_ref()?.at_hash {
            Some(AtHash::Of(access_token)) => Some((Hash::of(algorithm), access_token.expose())),
            _ => None,
        }
    }

    /// These rules, with the digest that [`Policy::to_hash`] asked for.
    #[must_use]
    pub fn hashed(&self, digest: &[u8]) -> Self {
        let mut policy = self.clone();
        policy.sign_in.get_or_insert_default().at_hash = Some(AtHash::from_digest(digest));
        policy
    }

    fn takes(&self, typ: Option<&str>) -> bool {
        match (&self.typ, self.profile) {
            (Some(wanted), _) => typ.is_some_and(|typ| same_type(typ, wanted)),
            (None, Some(profile)) => profile.takes(typ),
            (None, None) => true,
        }
    }

    fn check_presence(&self, claims: &Object<'_>) -> Result<(), Error> {
        let asked = [
            ("iss", !self.issuer.is_empty()),
            ("sub", self.subject.is_some()),
            ("aud", !self.audience.is_empty()),
            ("iat", self.max_token_age.is_some()),
        ];
        let asked =
            asked.into_iter().filter(|(_, asked)| *asked).map(|(name, _)| Cow::Borrowed(name));
        let profile = self.profile.map_or(&[][..], Profile::required);
        let profile = profile.iter().map(|name| Cow::Borrowed(*name));
        let mut all = asked.chain(self.required_claims.iter().rev().cloned()).chain(profile);
        all.find(|name| claims.get(name).is_none()).map_or(Ok(()), |name| Err(missing(name)))
    }

    fn check_names(&self, claims: &Object<'_>) -> Result<(), Error> {
        let is_one_of = |name, accepted: &[String]| {
            claims.string(name).is_some_and(|found| accepted.iter().any(|one| one == found))
        };
        if !self.issuer.is_empty() && !is_one_of("iss", &self.issuer) {
            return Err(failed("the token is from another issuer", "iss"));
        }
        if self.subject.as_ref().is_some_and(|wanted| claims.string("sub") != Some(wanted)) {
            return Err(failed("the token is about another subject", "sub"));
        }
        let for_us = |aud| holds_one_of(aud, &self.audience);
        if !self.audience.is_empty() && !claims.get("aud").is_some_and(for_us) {
            return Err(failed("the token is for another audience", "aud"));
        }
        Ok(())
    }

    fn check_times(&self, claims: &Object<'_>, now: f64) -> Result<(), Error> {
        let tolerance = self.clock_tolerance;
        let iat = numeric_date(claims, "iat")?;
        if numeric_date(claims, "nbf")?.is_some_and(|nbf| nbf > now + tolerance) {
            return Err(failed("the token is not valid yet; is the clock here slow?", "nbf"));
        }
        if numeric_date(claims, "exp")?.is_some_and(|exp| exp <= now - tolerance) {
            return Err(expired("the token has expired; ask for a new one", "exp"));
        }
        let (Some(max_age), Some(iat)) = (self.max_token_age, iat) else { return Ok(()) };
        let age = now - iat;
        if age - tolerance > max_age {
            return Err(expired("the token is older than maxTokenAge allows", "iat"));
        }
        if age < -tolerance {
            return Err(failed(
                "the token was issued in the future; is the clock here slow?",
                "iat",
            ));
        }
        Ok(())
    }
}

pub(super) fn missing(claim: impl Into<Cow<'static, str>>) -> Error {
    let message = "the token lacks a claim that is required";
    Error::new(Code::JwtClaimValidationFailed, message).claim(claim).reason("missing")
}

pub(super) fn failed(message: &'static str, claim: &'static str) -> Error {
    Error::new(Code::JwtClaimValidationFailed, message).claim(claim).reason("check_failed")
}

fn expired(message: &'static str, claim: &'static str) -> Error {
    Error::new(Code::JwtExpired, message).claim(claim).reason("check_failed")
}
