//! What a token endpoint answers ([RFC 6749, section 5.1]) and what its access token says of itself.
//!
//! [RFC 6749, section 5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1

use super::token::Token;
use crate::core::error::{Code, Error};
use crate::core::json::Object;
use crate::core::token::base64url;

/// Tokens as they were received.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Response {
    pub(super) access_token: Token,
    pub(super) refresh_token: Option<Token>,
    /// Seconds from receipt to the access token's end, where anybody knows.
    pub(super) life: Option<f64>,
    pub(super) session_id: Option<String>,
    /// Seconds from receipt to the session's absolute end.
    pub(super) session_life: Option<f64>,
    pub(super) generation: Option<u64>,
}

impl Response {
    /// Reads a JSON answer, received at `wall` (milliseconds since 1970).
    pub(super) fn parse(json: &str, wall: f64) -> Result<Self, Error> {
        let object = Object::parse(json.as_bytes()).ok_or(MALFORMED)?;
        // What no header can carry would fail with each request (RFC 6749, appendix A.12).
        let sendable = |token: &&str| token.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let access_token = object.string("access_token").filter(|token| !token.is_empty());
        let access_token = access_token.filter(sendable);
        let access_token = Token::new(String::from(access_token.ok_or(MALFORMED)?));
        if object.string("token_type").is_some_and(|it| !it.eq_ignore_ascii_case("bearer")) {
            return Err(NOT_BEARER);
        }
        let text = |name| object.string(name).filter(|text| !text.is_empty()).map(String::from);
        let seconds = |name| {
            let value = object.get(name)?;
            // Some servers write it as a string, and a token of unknown life would never be renewed.
            let text = || value.as_str()?.parse::<u32>().ok().map(f64::from);
            let seconds = value.as_number().map(|number| number.as_f64()).or_else(text);
            seconds.filter(|seconds| seconds.is_finite())
        };
        let generation = object.get("generation").and_then(|value| value.as_number());
        Ok(Self {
            life: seconds("expires_in").or_else(|| said_life(&access_token, wall)),
            access_token,
            refresh_token: text("refresh_token").map(Token::new),
            session_id: text("session_id"),
            session_life: seconds("session_expires_in"),
            generation: generation.and_then(|number| number.as_u64()),
        })
    }

    /// Nothing but an access token.
    pub(super) fn passed(access_token: Token, wall: f64) -> Self {
        Self {
            life: said_life(&access_token, wall),
            access_token,
            refresh_token: None,
            session_id: None,
            session_life: None,
            generation: None,
        }
    }
}

const MALFORMED: Error = Error::new(
    Code::RefreshUnavailable,
    "the answer holds no tokens: a JSON object with a string \"access_token\" was expected",
);
const NOT_BEARER: Error = Error::new(
    Code::NotSupported,
    "the tokens are not bearer tokens; only token_type \"Bearer\" can be used",
);

/// The claims of an access token, as JSON; `None` for an opaque one.
pub(super) fn claims_json(token: &Token) -> Option<String> {
    let mut parts = token.expose().split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = base64url::decode(payload).filter(|_| parts.next().is_none())?;
    Object::parse(&payload)?;
    String::from_utf8(payload).ok()
}

/// What an access token says of itself, instants in Unix seconds.
pub(super) struct Said {
    pub(super) subject: Option<String>,
    pub(super) session: Option<String>,
    pub(super) issued_at: Option<f64>,
    pub(super) expires_at: Option<f64>,
}

impl Said {
    /// Reads it; nothing in an opaque token.
    pub(super) fn by(token: &Token) -> Option<Self> {
        let claims = claims_json(token)?;
        let claims = Object::parse(claims.as_bytes())?;
        let text = |name| claims.string(name).map(String::from);
        let date = |name| {
            let date = claims.get(name)?.as_number()?.as_f64();
            date.is_finite().then_some(date)
        };
        Some(Self {
            subject: text("sub"),
            session: text("sid"),
            issued_at: date("iat"),
            expires_at: date("exp"),
        })
    }
}

/// What the token itself says about its life: from `iat`, or else from now, to `exp`.
fn said_life(token: &Token, wall: f64) -> Option<f64> {
    let said = Said::by(token)?;
    let from = said.issued_at.unwrap_or(wall / 1_000.0);
    Some((said.expires_at? - from).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        ["e30", &base64url::encode(claims.as_bytes()), "AA"].join(".")
    }

    #[test]
    fn an_answer_is_read() {
        let json = r#"{"access_token":"a","token_type":"bearer","expires_in":300,"refresh_token":"r",
            "session_id":"s","session_expires_in":9,"generation":4,"scope":"x"}"#;
        let response = Response::parse(json, 0.0).unwrap();
        assert_eq!(response.life, Some(300.0));
        assert_eq!(response.generation, Some(4));
        assert_eq!(response.session_id.as_deref(), Some("s"));
        assert_eq!(response.session_life, Some(9.0));
        assert_eq!(response.refresh_token, Some(Token::new("r".into())));
    }

    #[test]
    fn a_life_that_is_written_as_a_string_is_read_too() {
        let life = |json| Response::parse(json, 0.0).unwrap().life;
        assert_eq!(life(r#"{"access_token":"a","expires_in":"3600"}"#), Some(3_600.0));
        assert_eq!(life(r#"{"access_token":"a","expires_in":"soon"}"#), None);
    }

    #[test]
    fn without_expires_in_the_token_says_it() {
        let life = |claims: &str| {
            let json = format!(r#"{{"access_token":"{}"}}"#, token(claims));
            Response::parse(&json, 1_000_000.0).unwrap().life
        };
        assert_eq!(life(r#"{"iat":5000,"exp":5300}"#), Some(300.0));
        assert_eq!(life(r#"{"exp":1060}"#), Some(60.0));
        assert_eq!(life(r#"{"exp":10}"#), Some(0.0));
        assert_eq!(life("{}"), None);
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for json in [
            "",
            "[]",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            r#"{"access_token":"a\nb"}"#,
            r#"{"access_token":"é"}"#,
        ] {
            assert_eq!(Response::parse(json, 0.0), Err(MALFORMED), "{json}");
        }
        let dpop = r#"{"access_token":"a","token_type":"DPoP"}"#;
        assert_eq!(Response::parse(dpop, 0.0), Err(NOT_BEARER));
    }

    #[test]
    fn opaque_tokens_have_no_claims() {
        for text in ["", "opaque", "a.b", "a.!.c", "a.W10.c", "a.e30.c.d"] {
            assert_eq!(claims_json(&Token::new(text.into())), None, "{text}");
        }
        assert_eq!(claims_json(&Token::new(token("{}"))).as_deref(), Some("{}"));
    }
}
