//! Where the endpoints are, what they answer to, and who may call them from other origins
//! ([RFC 8414], [Fetch]).
//!
//! [RFC 8414]: https://www.rfc-editor.org/rfc/rfc8414
//! [Fetch]: https://fetch.spec.whatwg.org/#http-cors-protocol

use super::http::Response;
use super::refusal::Wire;
use crate::core::json::{Writer, quote};

/// One of the endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// Refreshes (RFC 6749).
    Token,
    /// Revokes (RFC 7009).
    Revoke,
    /// Tells what a token is (RFC 7662).
    Introspect,
    /// Lists the user's sessions, and ends all of them or all others.
    Sessions,
    /// Ends one of the user's sessions.
    Session,
    /// Publishes the keys (RFC 7517).
    Jwks,
    /// Publishes where the endpoints are (RFC 8414).
    Metadata,
}

/// Each endpoint that has a path of its own, by its name in the option `paths`.
const DEFAULTS: [(&str, Endpoint, &str); 6] = [
    ("token", Endpoint::Token, "/token"),
    ("revoke", Endpoint::Revoke, "/revoke"),
    ("introspect", Endpoint::Introspect, "/introspect"),
    ("sessions", Endpoint::Sessions, "/sessions"),
    ("jwks", Endpoint::Jwks, "/.well-known/jwks.json"),
    ("metadata", Endpoint::Metadata, "/.well-known/oauth-authorization-server"),
];

/// Where the endpoints are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    paths: Vec<(Endpoint, String)>,
}

impl Paths {
    /// The names of the option `paths`.
    pub const NAMES: [&str; 6] = ["token", "revoke", "introspect", "sessions", "jwks", "metadata"];

    /// The paths of this issuer, of which `own` may give any.
    ///
    /// # Errors
    /// What `own` fails with.
    pub fn new<E>(
        issuer: &str,
        mut own: impl FnMut(&'static str) -> Result<Option<String>, E>,
    ) -> Result<Self, E> {
        let mut paths = Vec::with_capacity(DEFAULTS.len());
        for (name, endpoint, default) in DEFAULTS {
            // An issuer with a path has its metadata below that path (section 3).
            let below = if endpoint == Endpoint::Metadata { split(issuer).1 } else { "" };
            let path = own(name)?.unwrap_or_else(|| [default, below].concat());
            paths.push((endpoint, path));
        }
        Ok(Self { paths })
    }

    /// Whether this can be the path of a request's URL.
    #[must_use]
    pub fn is_path(text: &str) -> bool {
        text.starts_with('/') && !text.contains(['?', '#'])
    }

    /// The same but for the endpoints that this issuer lacks.
    #[must_use]
    pub fn without(mut self, lacks: impl Fn(Endpoint) -> bool) -> Self {
        self.paths.retain(|(endpoint, _)| !lacks(*endpoint));
        self
    }

    /// The endpoint at this path, and what of the path names a session; `None` where it is not
    /// the issuer's.
    #[must_use]
    pub fn endpoint<'p>(&self, path: &'p str) -> Option<(Endpoint, &'p str)> {
        self.paths.iter().find_map(|(endpoint, own)| {
            let rest = path.strip_prefix(&**own)?;
            if rest.is_empty() {
                return Some((*endpoint, ""));
            }
            let session = rest.strip_prefix('/').filter(|_| *endpoint == Endpoint::Sessions)?;
            // Whoever names no session means none, and least of all every one.
            if session.is_empty() {
                return None;
            }
            Some((Endpoint::Session, session))
        })
    }

    /// The metadata of the server: what clients need to know before they ask for anything.
    #[must_use]
    pub fn metadata(&self, issuer: &str, confidential: bool) -> String {
        let url = |wanted| {
            let (_, path) = self.paths.iter().find(|(endpoint, _)| *endpoint == wanted)?;
            Some([split(issuer).0, &**path].concat())
        };
        let secret = [quoted("client_secret_basic"), quoted("client_secret_post")];
        let methods =
            [quoted("none")].into_iter().chain(secret.clone().into_iter().filter(|_| confidential));
        let methods: Vec<_> = methods.collect();
        let mut json = Writer::new();
        json.string("issuer", issuer);
        let mut add = |name: &str, endpoint, methods: &[String]| {
            let Some(url) = url(endpoint) else { return false };
            json.string(&[name, "_endpoint"].concat(), &url);
            json.array(&[name, "_endpoint_auth_methods_supported"].concat(), methods);
            true
        };
        let refreshes = add("token", Endpoint::Token, &methods);
        // Whoever knows of no sessions cannot end one.
        if url(Endpoint::Sessions).is_some() {
            add("revocation", Endpoint::Revoke, &methods);
        }
        if confidential {
            add("introspection", Endpoint::Introspect, &secret);
        }
        if let Some(url) = url(Endpoint::Jwks) {
            json.string("jwks_uri", &url);
        }
        json.array("response_types_supported", [""; 0]);
        let grant = refreshes.then(|| quoted("refresh_token"));
        json.array("grant_types_supported", grant.iter());
        json.finish()
    }
}

impl Endpoint {
    const fn methods(self) -> &'static str {
        match self {
            Self::Token | Self::Revoke | Self::Introspect => "POST",
            Self::Sessions => "GET, DELETE",
            Self::Session => "DELETE",
            Self::Jwks | Self::Metadata => "GET, HEAD",
        }
    }

    /// Refuses methods that the endpoint does not have.
    ///
    /// # Errors
    /// The answer 405, naming those that it has.
    pub fn allow(self, method: &str) -> Result<(), Response> {
        if self.methods().split(", ").any(|allowed| allowed == method) {
            return Ok(());
        }
        let wire = Wire { status: 405, ..Wire::INVALID_REQUEST };
        let mut response = Response::failure(wire, "this endpoint does not have that method");
        response.headers.push(("allow", String::from(self.methods())));
        Err(response)
    }

    /// What a browser asks before a request from another origin.
    #[must_use]
    pub fn preflight(self) -> Response {
        let mut response = Response { status: 204, ..Response::done() };
        response.headers.extend([
            ("access-control-allow-methods", String::from(self.methods())),
            ("access-control-allow-headers", String::from("authorization, content-type")),
            ("access-control-max-age", String::from("7200")),
        ]);
        response
    }
}

/// Whether this can be the `Origin` of a request as browsers write it, or stands for all of them.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    let foreign =
        |byte: u8| !byte.is_ascii_graphic() || byte.is_ascii_uppercase() || b"/?#@".contains(&byte);
    match text.split_once("://") {
        Some((scheme, host)) => {
            !scheme.is_empty() && !host.is_empty() && ![scheme, host].concat().bytes().any(foreign)
        }
        None => text == "*",
    }
}

/// Lets the page of an origin that is allowed see the response; the others see none.
pub fn share(response: &mut Response, origins: &[String], origin: Option<&str>) {
    let Some(origin) = origin.filter(|_| !origins.is_empty()) else { return };
    response.headers.push(("vary", String::from("origin")));
    if origins.iter().any(|allowed| allowed == origin || allowed == "*") {
        response.headers.push(("access-control-allow-origin", String::from(origin)));
        let exposed = String::from("date, retry-after, www-authenticate");
        response.headers.push(("access-control-expose-headers", exposed));
    }
}

/// A URL's origin and, for an issuer, its path.
pub(super) fn split(issuer: &str) -> (&str, &str) {
    let host = issuer.find("://").map_or(0, |colon| colon.saturating_add(3));
    let path = issuer.get(host..).and_then(|rest| rest.find('/'));
    let (origin, path) = issuer.split_at(path.map_or(issuer.len(), |at| host.saturating_add(at)));
    (origin, path.trim_end_matches('/'))
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(issuer: &str) -> Paths {
        Paths::new(issuer, |_| Ok::<_, ()>(None)).unwrap()
    }

    #[test]
    fn each_endpoint_has_its_path_and_methods() {
        let paths = paths("https://i.example");
        for path in ["/tokens", "/token/", "/token/x", "/", "", "/sessionsx", "/sessions/"] {
            assert_eq!(paths.endpoint(path), None, "{path}");
        }
        assert_eq!(paths.endpoint("/sessions"), Some((Endpoint::Sessions, "")));
        assert_eq!(paths.endpoint("/sessions/a.b"), Some((Endpoint::Session, "a.b")));
        let response = Endpoint::Token.allow("GET").unwrap_err();
        assert_eq!(response.status, 405);
        assert!(response.headers.contains(&("allow", "POST".into())));
        assert!(Endpoint::Jwks.allow("HEAD").is_ok());
        assert!(Endpoint::Sessions.allow("OPTIONS").is_err());
        assert!(Endpoint::Sessions.allow("").is_err());
    }

    #[test]
    fn an_issuer_with_a_path_keeps_its_metadata_below_it() {
        for (issuer, path) in [("https://i.example/a/", "/a"), ("https://i.example", ""), ("x", "")]
        {
            let path = ["/.well-known/oauth-authorization-server", path].concat();
            assert_eq!(paths(issuer).endpoint(&path), Some((Endpoint::Metadata, "")), "{issuer}");
        }
        let json = paths("https://i.example/a").metadata("https://i.example/a", false);
        assert!(json.contains(r#""token_endpoint":"https://i.example/token""#), "{json}");
        assert!(!json.contains("introspection") && !json.contains("client_secret"), "{json}");
    }

    #[test]
    fn a_path_of_ones_own_takes_the_place_of_the_default() {
        let own = |name| Ok::<_, ()>((name == "token").then(|| String::from("/oauth/token")));
        let paths = Paths::new("https://i.example", own).unwrap();
        assert_eq!(paths.endpoint("/oauth/token"), Some((Endpoint::Token, "")));
        assert_eq!(paths.endpoint("/token"), None);
        assert_eq!(Paths::NAMES, DEFAULTS.map(|(name, ..)| name));
    }

    #[test]
    fn what_no_request_can_have_is_no_path_and_no_origin() {
        assert!(Paths::is_path("/auth/token") && !Paths::is_path("token"));
        assert!(!Paths::is_path("/token?a") && !Paths::is_path("https://i.example/token"));
        for text in ["*", "https://a.example", "http://localhost:8080", "capacitor://localhost"] {
            assert!(is_origin(text), "{text}");
        }
        for text in ["", "a.example", "https://", "https://a.example/", "https://A.example", "null"]
        {
            assert!(!is_origin(text), "{text}");
        }
    }

    #[test]
    fn other_origins_see_nothing_until_they_are_allowed() {
        let shared = |origins: &[&str], origin| {
            let origins: Vec<_> = origins.iter().map(|origin| String::from(*origin)).collect();
            let mut response = Response::done();
            share(&mut response, &origins, origin);
            response.headers.into_iter().filter(|(name, _)| *name != "cache-control").count()
        };
        assert_eq!(shared(&[], Some("https://a.example")), 0);
        assert_eq!(shared(&["https://a.example"], None), 0);
        assert_eq!(shared(&["https://a.example"], Some("https://b.example")), 1, "vary");
        assert_eq!(shared(&["https://a.example"], Some("https://a.example")), 3);
        assert_eq!(shared(&["*"], Some("https://b.example")), 3);
    }
}
