//! Requests and responses of the endpoints ([RFC 6749], [RFC 7009], [RFC 7517]).
//!
//! [RFC 6749]: https://www.rfc-editor.org/rfc/rfc6749#section-6
//! [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517#section-5

use super::form::Form;
use super::refusal::Wire;
use super::session::Device;
use crate::core::error::{Error, StepUp};
use crate::core::json::Writer;
use crate::core::token::challenge::{Site, challenge};

/// The longest request body that is read, in bytes.
pub const MAX_BODY: u64 = 4 << 20;

/// A response, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "status, headers and body are all there is")]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; `None` sends none.
    pub body: Option<String>,
}

impl Response {
    /// Tokens and what is said of them, which nobody may keep on the way.
    #[must_use]
    pub fn private(body: String) -> Self {
        Self::json(200, body, "no-store")
    }

    /// What is public, and everybody may keep for a while.
    #[must_use]
    pub fn public(body: String) -> Self {
        Self::json(200, body, "public, max-age=300")
    }

    /// Nothing more to say.
    #[must_use]
    pub fn done() -> Self {
        let headers = vec![("cache-control", String::from("no-store"))];
        Self { status: 200, headers, body: None }
    }

    /// It is gone, and there is nothing to say about it.
    #[must_use]
    pub fn gone() -> Self {
        Self { status: 204, ..Self::done() }
    }

    /// Something that could be taken for more than was meant.
    #[must_use]
    pub fn misspelt() -> Self {
        invalid("except can only be current")
    }

    /// The error as a response; `None` where it is the server's own fault and no client's business.
    #[must_use]
    pub fn error(error: &Error) -> Option<Self> {
        let mut response = Self::failure(Wire::of(error)?, error.message);
        if let Some(seconds) = error.detail().retry_after {
            response.headers.push(("retry-after", seconds.to_string()));
        } else if response.status == 503 {
            response.headers.push(("retry-after", String::from("1")));
        }
        Some(response)
    }

    /// A request without an access token that stands ([RFC 6750, section 3]); `None` where none was given.
    ///
    /// [RFC 6750, section 3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
    #[must_use]
    pub fn unauthorized(error: Option<&Error>) -> Self {
        let wire = Wire { status: 401, error: "invalid_token", code: None };
        let message = error.map_or("an access token is needed", |error| error.message);
        let mut response = Self::failure(wire, message);
        let code = error.map(|error| error.code);
        // Nothing of ours is in it that a header cannot hold.
        let value = challenge(code, &StepUp::default(), Site::default()).unwrap_or_default();
        response.headers.push(("www-authenticate", value));
        response
    }

    /// A peer that sent too much that nobody here made.
    #[must_use]
    pub fn throttled(retry_after: u32) -> Self {
        let wire = Wire { status: 429, error: "temporarily_unavailable", code: None };
        let mut response = Self::failure(wire, "too many tokens that are not ours; slow down");
        response.headers.push(("retry-after", retry_after.to_string()));
        response
    }

    /// A request with more in its body than any of ours has.
    #[must_use]
    pub fn too_large() -> Self {
        Self::failure(Wire { status: 413, ..Wire::INVALID_REQUEST }, "the body is too large")
    }

    /// A request that relies on cookies and does not come from their own origin.
    #[must_use]
    pub fn foreign() -> Self {
        let wire = Wire { status: 403, ..Wire::INVALID_REQUEST };
        Self::failure(wire, "with cookies this answers only to pages of its own origin")
    }

    /// A refresh token where anybody can read it, though it has a cookie of its own.
    #[must_use]
    pub fn exposed() -> Self {
        invalid("the refresh token travels in its cookie, and nowhere else")
    }

    /// The same, with cookies set or cleared.
    #[must_use]
    pub fn with_cookies(mut self, cookies: Vec<String>) -> Self {
        self.headers.extend(cookies.into_iter().map(|cookie| ("set-cookie", cookie)));
        self
    }

    /// A request whose body ended too early; most likely nobody waits for this answer.
    #[must_use]
    pub fn cut_off() -> Self {
        invalid("the body could not be read to its end")
    }

    pub(super) fn failure(wire: Wire, description: &str) -> Self {
        let mut json = Writer::new();
        json.string("error", wire.error);
        if let Some(code) = wire.code {
            json.string("code", code);
        }
        json.string("error_description", description);
        Self::json(wire.status, json.finish(), "no-store")
    }

    fn json(status: u16, body: String, cache: &str) -> Self {
        let headers = vec![
            ("content-type", String::from("application/json")),
            ("cache-control", String::from(cache)),
            ("x-content-type-options", String::from("nosniff")),
        ];
        Self { status, headers, body: Some(body) }
    }
}

/// A request for new tokens.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "the parameters of RFC 6749, section 6")]
pub struct TokenRequest {
    /// The refresh token; `None` where it travels in a cookie.
    pub refresh_token: Option<String>,
    /// What proves a repeat.
    pub attempt: Option<String>,
    /// What the access token shall be good for.
    pub scope: Option<String>,
}

impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRequest").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl TokenRequest {
    /// Reads the body of `POST /token`, whose client is known already; whether the refresh token
    /// travels in a cookie is for the server to say.
    ///
    /// # Errors
    /// The answer 400 with `invalid_request` or `unsupported_grant_type`.
    pub fn read(form: &mut Form, by_cookie: bool) -> Result<Self, Response> {
        if required(form, "grant_type", "grant_type is missing")? != "refresh_token" {
            let description = "only refresh_token is granted here";
            return Err(Response::failure(Wire::UNSUPPORTED_GRANT, description));
        }
        let refresh_token = form.take("refresh_token");
        if by_cookie && refresh_token.is_some() {
            return Err(Response::exposed());
        }
        if !by_cookie && refresh_token.is_none() {
            return Err(invalid("refresh_token is missing"));
        }
        Ok(Self { refresh_token, attempt: form.take("attempt"), scope: form.take("scope") })
    }
}

/// What a request says about where it comes from.
#[must_use]
pub const fn device(user_agent: Option<String>, ip: Option<String>) -> Device {
    Device { label: None, user_agent, ip }
}

/// The token that a request to revoke or to introspect one is about.
///
/// # Errors
/// The answer 400 with `invalid_request`.
pub fn token(form: &mut Form) -> Result<String, Response> {
    required(form, "token", "token is missing")
}

/// Reads a body that must be a form.
///
/// # Errors
/// The answer 400 with `invalid_request`.
pub fn form(content_type: Option<&str>, body: &str) -> Result<Form, Response> {
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(invalid("send application/x-www-form-urlencoded"));
    }
    Form::parse(body)
        .ok_or_else(|| invalid("the form is malformed, or names a parameter twice, or too many"))
}

fn required(form: &mut Form, name: &str, missing: &str) -> Result<String, Response> {
    form.take(name).ok_or_else(|| invalid(missing))
}

fn invalid(description: &str) -> Response {
    Response::failure(Wire::INVALID_REQUEST, description)
}

#[cfg(test)]
mod tests {
    use super::super::refusal::Refusal;
    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=UTF-8");

    fn read(content_type: Option<&str>, body: &str) -> Result<TokenRequest, String> {
        let read = |mut form| TokenRequest::read(&mut form, false);
        form(content_type, body).and_then(read).map_err(|response| {
            assert_eq!(response.status, 400);
            response.body.unwrap().split('"').nth(3).unwrap().into()
        })
    }

    #[test]
    fn a_refresh_is_read() {
        let body = "grant_type=refresh_token&refresh_token=rt1&client_id=web&attempt=a&scope=x+y";
        let request = read(FORM, body).unwrap();
        assert_eq!(request.scope.as_deref(), Some("x y"));
        assert_eq!(format!("{request:?}"), "TokenRequest { scope: Some(\"x y\"), .. }");
    }

    #[test]
    fn each_mistake_has_the_error_of_the_standard() {
        let error = |content_type, body| read(content_type, body).unwrap_err();
        assert_eq!(error(None, "grant_type=refresh_token"), "invalid_request");
        assert_eq!(error(Some("application/json"), "{}"), "invalid_request");
        assert_eq!(error(FORM, "refresh_token=a&client_id=b"), "invalid_request");
        assert_eq!(error(FORM, "grant_type=refresh_token&client_id=b"), "invalid_request");
        assert_eq!(error(FORM, "grant_type=password&client_id=b"), "unsupported_grant_type");
        assert!(token(&mut Form::parse("token_type_hint=x").unwrap()).is_err());
    }

    #[test]
    fn c37_a_refresh_token_is_either_in_its_cookie_or_in_the_form() {
        let read = |body, by_cookie| TokenRequest::read(&mut Form::parse(body).unwrap(), by_cookie);
        let bare = "grant_type=refresh_token";
        let full = "grant_type=refresh_token&refresh_token=rt1";
        assert_eq!(read(bare, true).unwrap().refresh_token, None);
        assert_eq!(read(full, false).unwrap().refresh_token.as_deref(), Some("rt1"));
        assert_eq!(read(full, true).unwrap_err(), Response::exposed());
        assert_eq!(read(bare, false).unwrap_err().status, 400);
    }

    #[test]
    fn what_passes_is_told_apart_from_what_does_not() {
        let busy = Response::error(&Refusal::Contention.error()).unwrap();
        assert_eq!(busy.status, 503);
        assert!(busy.headers.iter().any(|(name, _)| *name == "retry-after"));
        let reuse = Response::error(&Refusal::Reuse.error()).unwrap();
        assert_eq!(reuse.status, 400);
        assert!(reuse.body.unwrap().starts_with(r#"{"error":"invalid_grant","code":"reuse","#));
    }

    #[test]
    fn a_challenge_says_what_is_wrong_with_a_token_only_where_there_was_one() {
        let header = |error: Option<&Error>| {
            let response = Response::unauthorized(error);
            assert_eq!(response.status, 401);
            response.headers.last().unwrap().1.clone()
        };
        assert_eq!(header(None), "Bearer");
        let revoked = Error::new(crate::core::error::Code::TokenRevoked, "");
        assert!(header(Some(&revoked)).starts_with("Bearer error=\"invalid_token\""));
    }
}
