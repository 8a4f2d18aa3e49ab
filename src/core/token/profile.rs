//! What two kinds of token ask for beyond the registered claims: access tokens ([RFC 9068, section 4])
//! and ID tokens ([OpenID Connect Core 1.0, section 3.1.3.7]).
//!
//! [RFC 9068, section 4]: https://www.rfc-editor.org/rfc/rfc9068#section-4
//! [OpenID Connect Core 1.0, section 3.1.3.7]: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation

use super::claims::holds_one_of;
use super::header::same_type;
use super::policy::{Policy, failed, missing};
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value};

/// A kind of token that has a standard of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// A JWT access token: `at+jwt`.
    AccessToken,
    /// An OpenID Connect ID token: `id_token`.
    IdToken,
}

impl Profile {
    /// The profile of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            ACCESS_TOKEN => Some(Self::AccessToken),
            "id_token" => Some(Self::IdToken),
            _ => None,
        }
    }

    /// Whether the rules that come with it are those that the standard asks for.
    ///
    /// # Errors
    /// `ERR_OPTIONS` naming `issuer`, `audience` or `typ`.
    pub fn check_policy(self, policy: &Policy) -> Result<(), Error> {
        if policy.issuer.is_empty() {
            return Err(Error::option("issuer", "this profile must know who issues the tokens"));
        }
        if policy.audience.is_empty() {
            return Err(Error::option("audience", "this profile must know for whom tokens are"));
        }
        let fits = |typ: &String| same_type(typ, ACCESS_TOKEN);
        if self == Self::AccessToken && !policy.typ.as_ref().is_none_or(fits) {
            return Err(Error::option("typ", "tokens of this profile are of the type \"at+jwt\""));
        }
        Ok(())
    }

    /// Claims that must be there.
    pub(super) const fn required(self) -> &'static [&'static str] {
        match self {
            Self::AccessToken => &["iss", "aud", "exp", "iat", "sub", "client_id", "jti"],
            Self::IdToken => &["iss", "aud", "exp", "iat", "sub"],
        }
    }

    /// Whether a token may be of this type, where `policy` does not say which it must be.
    pub(super) fn takes(self, typ: Option<&str>) -> bool {
        match self {
            Self::AccessToken => typ.is_some_and(|typ| same_type(typ, ACCESS_TOKEN)),
            // A type of its own says that it is another kind of token (RFC 8725, section 3.11).
            Self::IdToken => !typ.is_some_and(is_explicit),
        }
    }

    /// Checks what is particular to the profile; issuer, audience and times have been checked.
    pub(super) fn check(self, policy: &Policy, claims: &Object<'_>) -> Result<(), Error> {
        self.check_policy(policy)?;
        let texts: &[_] = match self {
            Self::AccessToken => &["sub", "client_id", "jti"],
            Self::IdToken => &["sub"],
        };
        let is_text = |name: &&str| claims.string(name).is_some_and(|text| !text.is_empty());
        if let Some(name) = texts.iter().find(|name| !is_text(name)) {
            let message = "a claim that must be a string, and not empty, is none";
            return Err(Error::new(Code::JwtClaimValidationFailed, message)
                .claim(*name)
                .reason("invalid"));
        }
        if self == Self::IdToken { authorized(policy, claims) } else { Ok(()) }
    }
}

const ACCESS_TOKEN: &str = "at+jwt";

fn is_explicit(typ: &str) -> bool {
    const SUFFIX: &str = "+jwt";
    let start = typ.len().saturating_sub(SUFFIX.len());
    typ.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(SUFFIX))
}

/// Whether the ID token was made for us: among several audiences `azp` must say so, and where there
/// is one, it stands for a missing `azp`.
fn authorized(policy: &Policy, claims: &Object<'_>) -> Result<(), Error> {
    let asked = policy.sign_in.as_ref().and_then(|sign_in| sign_in.authorized_party.as_ref());
    let aud = claims.get("aud");
    let only = match aud.and_then(Value::as_array) {
        None => aud,
        Some([only]) => Some(only),
        Some(_) => None,
    };
    let party = claims.get("azp").or(only).ok_or_else(|| missing("azp"))?;
    let accepted = asked.map_or(&*policy.audience, std::slice::from_ref);
    if party.as_str().is_some() && holds_one_of(party, accepted) {
        return Ok(());
    }
    Err(failed("the ID token was made for another client", "azp"))
}
