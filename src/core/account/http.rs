//! The endpoints, as far as they can be answered without the store ([RFC 6749], [RFC 7009], [RFC 7517]).
//!
//! [RFC 6749]: https://www.rfc-editor.org/rfc/rfc6749#section-6
//! [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517#section-5

use super::form::Form;
use super::refusal::Wire;
use crate::core::error::Error;
use crate::core::json::Writer;

/// The longest request body that is read, in bytes.
pub const MAX_BODY: u64 = 4 << 20;

/// Where the endpoints are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "options")]
pub struct Paths {
    /// `POST`, RFC 6749.
    pub token: String,
    /// `POST`, RFC 7009.
    pub revoke: String,
    /// `GET`, RFC 7517.
    pub jwks: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            token: String::from("/token"),
            revoke: String::from("/revoke"),
            jwks: String::from("/.well-known/jwks.json"),
        }
    }
}

/// One of the endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// Refreshes.
    Token,
    /// Revokes.
    Revoke,
    /// Publishes the keys.
    Jwks,
}

impl Paths {
    /// The endpoint at this path; `None` where it is not the issuer's.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> Option<Endpoint> {
        [
            (&self.token, Endpoint::Token),
            (&self.revoke, Endpoint::Revoke),
            (&self.jwks, Endpoint::Jwks),
        ]
        .into_iter()
        .find_map(|(own, endpoint)| (own == path).then_some(endpoint))
    }
}

impl Endpoint {
    /// Refuses methods that the endpoint does not have.
    ///
    /// # Errors
    /// The answer 405, naming those that it has.
    pub fn allow(self, method: &str) -> Result<(), Response> {
        let (allowed, listed): (&[&str], _) = match self {
            Self::Token | Self::Revoke => (&["POST"], "POST"),
            Self::Jwks => (&["GET", "HEAD"], "GET, HEAD"),
        };
        if allowed.contains(&method) {
            return Ok(());
        }
        let wire = Wire { status: 405, ..Wire::INVALID_REQUEST };
        let mut response = Response::failure(wire, "this endpoint does not have that method");
        response.headers.push(("allow", String::from(listed)));
        Err(response)
    }
}

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
    /// Tokens, which nobody may keep on the way.
    #[must_use]
    pub fn tokens(body: String) -> Self {
        Self::json(200, body, "no-store")
    }

    /// The public keys, which everybody may keep for a while.
    #[must_use]
    pub fn keys(body: String) -> Self {
        Self::json(200, body, "public, max-age=300")
    }

    /// Nothing more to say.
    #[must_use]
    pub fn done() -> Self {
        let headers = vec![("cache-control", String::from("no-store"))];
        Self { status: 200, headers, body: None }
    }

    /// The error as a response; `None` where it is the server's own fault and no client's business.
    #[must_use]
    pub fn error(error: &Error) -> Option<Self> {
        let mut response = Self::failure(Wire::of(error)?, error.message);
        if let Some(seconds) = error.retry_after {
            response.headers.push(("retry-after", seconds.to_string()));
        } else if response.status == 503 {
            response.headers.push(("retry-after", String::from("1")));
        }
        Some(response)
    }

    /// A request with more in its body than any of ours has.
    #[must_use]
    pub fn too_large() -> Self {
        Self::failure(Wire { status: 413, ..Wire::INVALID_REQUEST }, "the body is too large")
    }

    /// A request whose body ended too early; most likely nobody waits for this answer.
    #[must_use]
    pub fn cut_off() -> Self {
        invalid("the body could not be read to its end")
    }

    fn failure(wire: Wire, description: &str) -> Self {
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
    /// The refresh token.
    pub refresh_token: String,
    /// Who asks.
    pub client_id: Option<String>,
    /// What proves a repeat.
    pub attempt: Option<String>,
    /// What the access token shall be good for.
    pub scope: Option<String>,
}

impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRequest").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl TokenRequest {
    /// Reads the body of `POST /token`.
    ///
    /// # Errors
    /// The answer 400 with `invalid_request` or `unsupported_grant_type`.
    pub fn read(content_type: Option<&str>, body: &str) -> Result<Self, Response> {
        let mut form = form(content_type, body)?;
        if required(&mut form, "grant_type", "grant_type is missing")? != "refresh_token" {
            let description = "only refresh_token is granted here";
            return Err(Response::failure(Wire::UNSUPPORTED_GRANT, description));
        }
        Ok(Self {
            refresh_token: required(&mut form, "refresh_token", "refresh_token is missing")?,
            client_id: form.take("client_id"),
            attempt: form.take("attempt"),
            scope: form.take("scope"),
        })
    }
}

/// A request to revoke a token.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "the parameters of RFC 7009, section 2.1")]
pub struct RevokeRequest {
    /// The token, of either kind; its form says which.
    pub token: String,
    /// Who asks.
    pub client_id: Option<String>,
}

impl std::fmt::Debug for RevokeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevokeRequest").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl RevokeRequest {
    /// Reads the body of `POST /revoke`.
    ///
    /// # Errors
    /// The answer 400 with `invalid_request`.
    pub fn read(content_type: Option<&str>, body: &str) -> Result<Self, Response> {
        let mut form = form(content_type, body)?;
        let token = required(&mut form, "token", "token is missing")?;
        Ok(Self { token, client_id: form.take("client_id") })
    }
}

fn form(content_type: Option<&str>, body: &str) -> Result<Form, Response> {
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

    fn error_of(result: Result<TokenRequest, Response>) -> String {
        let response = result.unwrap_err();
        assert_eq!(response.status, 400);
        let body = response.body.unwrap();
        body.split('"').nth(3).unwrap().into()
    }

    #[test]
    fn a_refresh_is_read() {
        let body = "grant_type=refresh_token&refresh_token=rt1&client_id=web&attempt=a&scope=x+y";
        let request = TokenRequest::read(FORM, body).unwrap();
        assert_eq!(request.scope.as_deref(), Some("x y"));
        assert_eq!(format!("{request:?}"), "TokenRequest { client_id: Some(\"web\"), .. }");
    }

    #[test]
    fn each_mistake_has_the_error_of_the_standard() {
        let read = |content_type, body| error_of(TokenRequest::read(content_type, body));
        assert_eq!(read(None, "grant_type=refresh_token"), "invalid_request");
        assert_eq!(read(Some("application/json"), "{}"), "invalid_request");
        assert_eq!(read(FORM, "refresh_token=a&client_id=b"), "invalid_request");
        assert_eq!(read(FORM, "grant_type=refresh_token&client_id=b"), "invalid_request");
        assert_eq!(read(FORM, "grant_type=password&client_id=b"), "unsupported_grant_type");
        assert!(RevokeRequest::read(FORM, "token_type_hint=x").is_err());
    }

    #[test]
    fn methods_that_an_endpoint_does_not_have_are_named() {
        let paths = Paths::default();
        assert_eq!(paths.endpoint("/tokens"), None);
        let response = paths.endpoint("/token").unwrap().allow("GET").unwrap_err();
        assert_eq!(response.status, 405);
        assert!(response.headers.contains(&("allow", "POST".into())));
        assert!(paths.endpoint("/.well-known/jwks.json").unwrap().allow("HEAD").is_ok());
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
}
