//! What a signer puts into a token: header and claims ([RFC 7515, section 4.1], [RFC 7519, section 4.1]).
//!
//! [RFC 7515, section 4.1]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1
//! [RFC 7519, section 4.1]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1

use super::base64url;
use super::jwk::Jwk;
use crate::core::json::{Object, Writer, quote};

/// The header of a token that `key` signs, as JSON.
#[must_use]
pub fn header(key: &Jwk, typ: &str) -> String {
    let mut json = Writer::new();
    json.string("alg", key.signing_algorithm().name());
    if let Some(kid) = &key.kid {
        json.string("kid", kid);
    }
    json.string("typ", typ);
    json.finish()
}

/// What is signed: header and payload in base64url, with a dot between them.
#[must_use]
pub fn signing_input(header: &str, payload: &str) -> String {
    [base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes())].join(".")
}

/// The token of a signing input and its signature.
#[must_use]
pub fn token(signing_input: &str, signature: &[u8]) -> String {
    [signing_input, &base64url::encode(signature)].join(".")
}

/// The registered claims that a signer adds to those of its caller.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Draft {
    /// Who issues it (`iss`).
    pub issuer: Option<String>,
    /// About whom it is (`sub`).
    pub subject: Option<String>,
    /// For whom it is (`aud`); a single one is written as a string.
    pub audience: Vec<String>,
    /// Seconds that it lives, which makes its `exp`.
    pub expires_in: Option<f64>,
    /// Its name (`jti`).
    pub jwt_id: Option<String>,
}

impl Draft {
    /// The payload at `now` (Unix seconds), as JSON; what `own` holds already stays as it is.
    #[must_use]
    pub fn payload(&self, own: &Object<'_>, now: f64) -> String {
        let mut json = Writer::new();
        for member in own.members() {
            json.raw(&member.name, member.raw);
        }
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|_| own.get(name).is_none()) {
                json.raw(name, &value);
            }
        };
        add("iss", self.issuer.as_deref().map(quoted));
        add("sub", self.subject.as_deref().map(quoted));
        add("aud", audience(&self.audience));
        add("jti", self.jwt_id.as_deref().map(quoted));
        add("iat", Some(seconds(now)));
        add("exp", self.expires_in.map(|life| seconds(now.floor() + life)));
        json.finish()
    }
}

fn audience(names: &[String]) -> Option<String> {
    match names {
        [] => None,
        [one] => Some(quoted(one)),
        several => {
            let quoted: Vec<String> = several.iter().map(|name| quoted(name)).collect();
            Some(["[", &quoted.join(","), "]"].concat())
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(&mut out, text);
    out
}

/// Whole seconds: a fraction would put `iat` ahead of clocks that round down.
fn seconds(instant: f64) -> String {
    let mut out = String::new();
    #[allow(
        clippy::cast_possible_truncation,
        reason = "saturates, and bounds are the options' affair"
    )]
    crate::core::json::integer(&mut out, instant.floor() as i64);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_claims_are_added_behind_the_callers_own() {
        let draft = Draft {
            issuer: Some(String::from("i\"")),
            audience: vec![String::from("a"), String::from("b")],
            expires_in: Some(60.0),
            ..Draft::default()
        };
        let own = Object::parse(br#"{"x":1.50,"sub":"me"}"#).unwrap();
        assert_eq!(
            draft.payload(&own, 100.9),
            r#"{"x":1.50,"sub":"me","iss":"i\"","aud":["a","b"],"iat":100,"exp":160}"#
        );
    }

    #[test]
    fn the_callers_own_claims_win() {
        let draft = Draft { expires_in: Some(60.0), ..Draft::default() };
        let own = Object::parse(br#"{"iat":1,"exp":2}"#).unwrap();
        assert_eq!(draft.payload(&own, 100.0), r#"{"iat":1,"exp":2}"#);
    }
}
