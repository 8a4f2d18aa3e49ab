//! The `WWW-Authenticate` value that a refused request is answered with ([RFC 6750, section 3],
//! [RFC 9470, section 3], [RFC 9728, section 5.1]).
//!
//! [RFC 6750, section 3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
//! [RFC 9470, section 3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
//! [RFC 9728, section 5.1]: https://www.rfc-editor.org/rfc/rfc9728#section-5.1

use crate::core::error::{Code, Error, StepUp};

/// What a challenge says whatever was refused.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "options")]
pub struct Site<'a> {
    /// The protection space (RFC 9110, section 11.5).
    pub realm: Option<&'a str>,
    /// The URL of the protected resource's metadata (RFC 9728).
    pub resource_metadata: Option<&'a str>,
}

/// The challenge for a refusal: `None` where no token was given.
///
/// Why a token was refused is said in the standard's words and no others; a failure that is not
/// the token's fault gets a challenge without `error`, as does a request without a token.
///
/// ```
/// use evertoken::core::error::{Code, StepUp};
/// use evertoken::core::token::challenge::{Site, challenge};
///
/// let mut needed = StepUp::default();
/// needed.max_auth_age = Some(300);
/// let value = challenge(Some(Code::StepUpRequired), &needed, Site::default())?;
/// assert!(value.starts_with(r#"Bearer error="insufficient_user_authentication", "#));
/// assert!(value.ends_with(r#", max_age="300""#));
/// # Ok::<(), evertoken::core::error::Error>(())
/// ```
///
/// # Errors
/// `ERR_OPTIONS` naming `realm` or `resourceMetadata`, where it cannot be in a header.
pub fn challenge(code: Option<Code>, needed: &StepUp, site: Site<'_>) -> Result<String, Error> {
    let mut value = String::from("Bearer");
    if let Some(realm) = site.realm {
        if !realm.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(Error::option("realm", "a realm is visible ASCII text"));
        }
        parameter(&mut value, "realm", realm);
    }
    if let Some((error, description)) = code.and_then(words) {
        parameter(&mut value, "error", error);
        parameter(&mut value, "error_description", description);
    }
    if code == Some(Code::StepUpRequired) {
        // Whoever made the error may have put anything into it.
        let values: Vec<_> =
            needed.acr_values.iter().map(|value| &**value).filter(|value| is_word(value)).collect();
        if !values.is_empty() {
            parameter(&mut value, "acr_values", &values.join(" "));
        }
        if let Some(seconds) = needed.max_auth_age {
            parameter(&mut value, "max_age", &seconds.to_string());
        }
    }
    if let Some(url) = site.resource_metadata {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        if !is_web || !is_word(url) {
            let message = "this must be the URL of the metadata, as text";
            return Err(Error::option("resourceMetadata", message));
        }
        parameter(&mut value, "resource_metadata", url);
    }
    Ok(value)
}

/// Whether the text is one word that needs no escaping: visible ASCII without quotes and backslashes
/// (as a `scope-token`, [RFC 6749, section 3.3]).
///
/// [RFC 6749, section 3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
#[must_use]
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'))
}

/// `error` and `error_description`; `None` where it is not the token's fault.
const fn words(code: Code) -> Option<(&'static str, &'static str)> {
    const INVALID: &str = "invalid_token";
    match code {
        Code::JwtExpired => Some((INVALID, "The access token expired")),
        Code::TokenRevoked => Some((INVALID, "The access token was revoked")),
        Code::TokenStale => Some((INVALID, "The access token is out of date")),
        Code::JwsInvalid
        | Code::JwsSignatureVerificationFailed
        | Code::JwtInvalid
        | Code::JwtClaimValidationFailed
        | Code::AlgNotAllowed
        | Code::NotSupported
        | Code::JwksNoMatchingKey
        | Code::JwksMultipleMatchingKeys => Some((INVALID, "The access token is invalid")),
        Code::StepUpRequired => Some((
            "insufficient_user_authentication",
            "A stronger or a more recent authentication is required",
        )),
        _ => None,
    }
}

fn parameter(value: &mut String, name: &str, text: &str) {
    value.push_str(if value.contains('"') { ", " } else { " " });
    value.push_str(name);
    value.push_str("=\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            value.push('\\');
        }
        value.push(character);
    }
    value.push('"');
}
