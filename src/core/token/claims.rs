//! Registered claims, read strictly ([RFC 7519, section 4.1]).
//!
//! [RFC 7519, section 4.1]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1

use super::compact::UntrustedToken;
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value};

/// Reads a payload as a claims set.
///
/// # Errors
/// `ERR_JWT_INVALID` where it is not one strict JSON object.
pub fn parse(payload: &[u8]) -> Result<Object<'_>, Error> {
    Object::parse(payload).ok_or(NOT_AN_OBJECT)
}

pub(super) const NOT_AN_OBJECT: Error = Error::new(
    Code::JwtInvalid,
    "the token's payload is not one strict JSON object; is a claim named twice?",
);

/// A NumericDate: seconds since 1970, possibly with a fraction; `None` where the claim is missing.
///
/// # Errors
/// `ERR_JWT_CLAIM_VALIDATION_FAILED` with reason `invalid` where it is anything but a finite number.
pub fn numeric_date(claims: &Object<'_>, name: &'static str) -> Result<Option<f64>, Error> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_number().map(|number| number.as_f64()).filter(|date| date.is_finite());
    let seconds = seconds.ok_or_else(|| {
        Error::new(Code::JwtClaimValidationFailed, "a time claim must be a number of seconds")
            .claim(name)
            .reason("invalid")
    })?;
    Ok(Some(seconds))
}

/// Whether the string or the array of strings `value` holds one of `accepted`.
#[must_use]
pub fn holds_one_of(value: &Value<'_>, accepted: &[String]) -> bool {
    let is_accepted = |value: &Value<'_>| {
        value.as_str().is_some_and(|text| accepted.iter().any(|one| one == text))
    };
    value.as_array().map_or_else(|| is_accepted(value), |items| items.iter().any(is_accepted))
}

/// The seconds that a token has left at `now` (Unix seconds), negative once it has expired;
/// `None` where it has no `exp`. The token is **not** verified.
///
/// # Errors
/// `ERR_JWT_INVALID` where it is no well-formed JWT.
pub fn expires_in(token: &str, now: f64) -> Result<Option<f64>, Error> {
    let token = UntrustedToken::parse(token).map_err(|_| NOT_A_JWT)?;
    let claims = parse(token.payload())?;
    let exp = numeric_date(&claims, "exp").map_err(|_| NOT_A_JWT.claim("exp"))?;
    Ok(exp.map(|exp| exp - now))
}

/// Takes a JWT apart without verifying it.
///
/// # Errors
/// `ERR_JWT_INVALID` where it is no well-formed JWT.
pub fn decode(token: &str) -> Result<UntrustedToken<'_>, Error> {
    let token = UntrustedToken::parse(token).map_err(|_| NOT_A_JWT)?;
    parse(token.payload())?;
    Ok(token)
}

const NOT_A_JWT: Error = Error::new(
    Code::JwtInvalid,
    "this is not a well-formed JWT: three canonical base64url parts, two of them JSON objects",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::token::base64url;

    fn token(payload: &str) -> String {
        [
            "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdLCJ4IjoxfQ",
            &base64url::encode(payload.as_bytes()),
            "",
        ]
        .join(".")
    }

    #[test]
    fn seconds_left_are_exact_and_turn_negative() {
        assert_eq!(expires_in(&token(r#"{"exp":100}"#), 40.0), Ok(Some(60.0)));
        assert_eq!(expires_in(&token(r#"{"exp":100.5}"#), 101.0), Ok(Some(-0.5)));
        assert_eq!(expires_in(&token("{}"), 101.0), Ok(None));
    }

    #[test]
    fn what_is_no_jwt_is_refused_with_one_code() {
        for text in ["", "a.b.c", &token("[]"), &token("{"), &token(r#"{"exp":"100"}"#)] {
            assert_eq!(expires_in(text, 0.0).unwrap_err().code, Code::JwtInvalid, "{text}");
        }
    }

    #[test]
    fn dates_are_finite_numbers() {
        for (json, date) in [("-1", Some(-1.0)), ("0.5", Some(0.5))] {
            let text = format!(r#"{{"exp":{json}}}"#);
            assert_eq!(numeric_date(&parse(text.as_bytes()).unwrap(), "exp"), Ok(date));
        }
        let far = parse(br#"{"exp":1e308}"#).unwrap();
        assert!(numeric_date(&far, "exp").unwrap().unwrap() > 9e307);
        for json in ["\"1\"", "null", "1e400", "[1]", "true"] {
            let text = format!(r#"{{"exp":{json}}}"#);
            let error = numeric_date(&parse(text.as_bytes()).unwrap(), "exp").unwrap_err();
            assert_eq!(error.detail().reason, Some("invalid"), "{json}");
        }
    }
}
