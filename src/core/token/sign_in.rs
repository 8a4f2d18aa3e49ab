//! What is asked about the sign-in behind a token: which one it was ([OpenID Connect Core 1.0]),
//! how strong and how long ago ([RFC 9470]).
//!
//! [OpenID Connect Core 1.0]: https://openid.net/specs/openid-connect-core-1_0.html#IDToken
//! [RFC 9470]: https://www.rfc-editor.org/rfc/rfc9470

use super::at_hash::AtHash;
use super::claims::numeric_date;
use super::policy::{failed, missing};
use super::profile::Profile;
use crate::core::error::{Code, Error, StepUp};
use crate::core::json::Object;

/// The questions; `None` and an empty list ask nothing.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SignIn {
    /// The `nonce` that was sent with the request.
    pub nonce: Option<String>,
    /// The client that it must be for (`azp`).
    pub authorized_party: Option<String>,
    /// The access token that came with it (`at_hash`).
    pub at_hash: Option<AtHash>,
    /// How recent (`auth_time`) and how strong (`acr`) it must be.
    pub step_up: StepUp,
}

impl SignIn {
    /// Checks claims; whatever else is asked of them has been checked.
    pub(super) fn check(
        &self,
        profile: Option<Profile>,
        claims: &Object<'_>,
        now: f64,
        tolerance: f64,
    ) -> Result<(), Error> {
        let is_id_token = profile == Some(Profile::IdToken);
        equals(claims, "nonce", self.nonce.as_deref())?;
        if !is_id_token {
            equals(claims, "azp", self.authorized_party.as_deref())?;
        }
        match &self.at_hash {
            None => {}
            Some(AtHash::Is(hash)) => equals(claims, "at_hash", Some(hash))?,
            Some(AtHash::Of(_)) => return Err(failed(DIFFERENT, "at_hash")),
        }
        self.check_strength(claims)?;
        self.check_age(is_id_token, claims, now, tolerance)
    }

    fn check_strength(&self, claims: &Object<'_>) -> Result<(), Error> {
        let accepted = &self.step_up.acr_values;
        let fits = |acr: &str| accepted.iter().any(|one| one == acr);
        if accepted.is_empty() || claims.string("acr").is_some_and(fits) {
            return Ok(());
        }
        Err(self.insufficient("acr", claims.get("acr").is_none()))
    }

    fn check_age(
        &self,
        is_id_token: bool,
        claims: &Object<'_>,
        now: f64,
        tolerance: f64,
    ) -> Result<(), Error> {
        let Some(max_age) = self.step_up.max_auth_age else { return Ok(()) };
        match numeric_date(claims, "auth_time")? {
            // Who asks for an age is told it (OpenID Connect Core 1.0, section 2); asking again would not help.
            None if is_id_token => Err(missing("auth_time")),
            None => Err(self.insufficient("auth_time", true)),
            Some(at) if now - at < -tolerance => {
                Err(failed("the sign-in is in the future; is the clock here slow?", "auth_time"))
            }
            Some(at) if now - at - tolerance > f64::from(max_age) => {
                Err(self.insufficient("auth_time", false))
            }
            Some(_) => Ok(()),
        }
    }

    fn insufficient(&self, claim: &'static str, is_missing: bool) -> Error {
        let message = "this needs a stronger or a more recent sign-in: ask for one with what challenge(error) says";
        let error = Error::new(Code::StepUpRequired, message).claim(claim);
        let reason = if is_missing { "missing" } else { "check_failed" };
        error.reason(reason).step_up(self.step_up.clone())
    }
}

const DIFFERENT: &str = "the token belongs to another request than the one that it came with";

fn equals(claims: &Object<'_>, name: &'static str, wanted: Option<&str>) -> Result<(), Error> {
    let Some(wanted) = wanted else { return Ok(()) };
    let found = claims.get(name).ok_or_else(|| missing(name))?;
    if found.as_str() == Some(wanted) { Ok(()) } else { Err(failed(DIFFERENT, name)) }
}
