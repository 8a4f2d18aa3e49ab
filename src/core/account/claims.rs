//! What users may add to access tokens: claims, and never those that the issuer answers for.

use super::renew::UNTIL;
use crate::core::error::Error;
use crate::core::json::{self, Object};

/// The most that kept and added claims may take together, in bytes of JSON: tokens travel in headers.
pub const MAX_CLAIMS: usize = 2048;

/// Claims that the issuer alone sets.
const REGISTERED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "sid",
    "client_id",
    "scope",
    "auth_time",
    "acr",
    "amr",
    "cnf",
    PERMISSIONS,
    UNTIL,
];

/// The claim that says which permission version a token was made under.
pub const PERMISSIONS: &str = "pv";

/// Checks claims on their way in; `option` is where the user gave them.
///
/// # Errors
/// `ERR_OPTIONS` where they are no object, too many, or name what the issuer sets.
pub fn check(json: &str, kept: &str, option: &'static str) -> Result<(), Error> {
    if json.len().saturating_add(kept.len()) > MAX_CLAIMS {
        return Err(Error::option(
            option,
            "a session's claims may take 2 KiB of JSON; keep ids in them",
        ));
    }
    let wrong = || Error::option(option, "claims are one plain object");
    let object = Object::parse(json.as_bytes()).ok_or_else(wrong)?;
    // As deep in brackets as the record holds them: a record that nests too deep is never read again.
    if json::parse(["[[[[", json, "]]]]"].concat().as_bytes()).is_none() {
        return Err(Error::option(option, "claims may nest 28 deep"));
    }
    if object.members().iter().any(|member| REGISTERED.contains(&&*member.name)) {
        let message = "claims may not set what the issuer sets: iss, sub, aud, exp, sid, scope …";
        return Err(Error::option(option, message));
    }
    Ok(())
}

/// The requested scope, where it is no more than what was granted; without a request, all of that.
///
/// # Errors
/// `ERR_OPTIONS` naming `scope`.
pub fn narrowed(granted: Option<&str>, requested: Option<&str>) -> Result<Option<String>, Error> {
    let Some(requested) = requested else { return Ok(granted.map(String::from)) };
    let granted: Vec<_> = granted.unwrap_or_default().split(' ').collect();
    if requested.split(' ').all(|scope| !scope.is_empty() && granted.contains(&scope)) {
        return Ok(Some(String::from(requested)));
    }
    Err(Error::option("scope", "a refresh may ask for less than was granted, never for more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_issuer_sets_cannot_be_set() {
        assert!(check(r#"{"role":"admin","exp2":1}"#, "{}", "claims").is_ok());
        for wrong in [r#"{"exp":1}"#, r#"{"s\u0069d":"x"}"#, "[]", "1", ""] {
            assert_eq!(
                check(wrong, "{}", "claims").unwrap_err().detail().option.as_deref(),
                Some("claims")
            );
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_CLAIMS));
        assert!(check(&long, "{}", "claims").is_err());
        assert!(check(&nested(28), "{}", "claims").is_ok());
        assert!(check(&nested(29), "{}", "claims").is_err());
    }

    fn nested(depth: usize) -> String {
        ["{\"a\":".repeat(depth - 1), String::from("{}"), "}".repeat(depth - 1)].concat()
    }

    #[test]
    fn a_scope_can_only_shrink() {
        assert_eq!(narrowed(Some("a b"), None), Ok(Some("a b".into())));
        assert_eq!(narrowed(Some("a b"), Some("b")), Ok(Some("b".into())));
        assert_eq!(narrowed(None, None), Ok(None));
        for (granted, requested) in
            [(Some("a"), "b"), (None, "a"), (Some("a"), ""), (Some("a"), "a  a")]
        {
            assert!(narrowed(granted, Some(requested)).is_err());
        }
    }
}
