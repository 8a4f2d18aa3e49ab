//! Which clients there are, and which one a request comes from ([RFC 6749, section 2.3]).
//!
//! [RFC 6749, section 2.3]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3

use hmac_sha256::Hash;

use super::form::{Form, decode};
use super::http::Response;
use super::refusal::Wire;
use crate::core::error::Error;
use crate::core::secret::Secret;
use crate::core::token::base64url;

/// The clients that may hold sessions; any, where none is named.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Clients {
    /// Those that are named.
    pub known: Option<Vec<Client>>,
    /// How long the sessions of the others live.
    pub lifetimes: Lifetimes,
}

/// A client with its own settings.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "options")]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// The hash of its secret, where it can keep one; see [`hashed`].
    pub secret: Option<Secret>,
    /// For whom its access tokens are; where that is empty, the issuer's.
    pub audience: Vec<String>,
    /// How long its sessions live.
    pub lifetimes: Lifetimes,
}

/// How long sessions live, and for how long an older token may still come from an honest client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "options")]
pub struct Lifetimes {
    /// Seconds without a refresh.
    pub idle: i64,
    /// Seconds in all.
    pub absolute: i64,
    /// Seconds since the last rotation.
    pub grace: i64,
}

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "an answer")]
pub struct Caller {
    /// Its `client_id`, where it gave one or there is only one.
    pub id: Option<String>,
    /// It proved who it is.
    pub confidential: bool,
}

/// The hash that a client's secret is kept as.
#[must_use]
pub fn hashed(secret: &str) -> Secret {
    // Equally long, so that comparing them tells nothing about its length.
    Secret::new(Hash::hash(secret.as_bytes()).to_vec())
}

impl Clients {
    /// Those that are named, or any, and how long the sessions of the others live.
    #[must_use]
    pub const fn new(known: Option<Vec<Client>>, lifetimes: Lifetimes) -> Self {
        Self { known, lifetimes }
    }

    /// Whether this client may hold sessions.
    #[must_use]
    pub fn allow(&self, id: &str) -> bool {
        self.known.is_none() || self.find(id).is_some()
    }

    /// The settings of a client that is named.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Client> {
        self.known.as_ref()?.iter().find(|client| client.id == id)
    }

    /// How long a client's sessions live.
    #[must_use]
    pub fn lifetimes(&self, id: &str) -> Lifetimes {
        self.find(id).map_or(self.lifetimes, |client| client.lifetimes)
    }

    /// Whether any of them has a secret.
    #[must_use]
    pub fn confidential(&self) -> bool {
        self.known.iter().flatten().any(|client| client.secret.is_some())
    }

    /// Who sends this form, with this `Authorization` header.
    ///
    /// # Errors
    /// The answer 401 `invalid_client`, or 400 for two ways of saying who it is.
    pub fn authenticate(
        &self,
        authorization: Option<&str>,
        form: &mut Form,
    ) -> Result<Caller, Response> {
        let (mut id, mut secret) = (form.take("client_id"), form.take("client_secret"));
        if let Some(credentials) = authorization.and_then(|value| scheme(value, "basic")) {
            let (named, proof) = basic(credentials).ok_or_else(refused)?;
            if secret.is_some() || id.is_some_and(|id| id != named) {
                let description = "a client says in one way who it is, and only once";
                return Err(Response::failure(Wire::INVALID_REQUEST, description));
            }
            (id, secret) = (Some(named), proof);
        }
        // Section 6 lets a public client leave its name out, and a single one needs none.
        let only = match self.known.as_deref() {
            Some([only]) => Some(only.id.clone()),
            _ => None,
        };
        let Some(id) = id.or(only) else { return Ok(Caller { id: None, confidential: false }) };
        if !self.allow(&id) {
            return Err(refused());
        }
        let kept = self.find(&id).map(|client| client.secret.as_ref());
        let confidential = match (kept, &secret) {
            // Whoever may be anybody has nothing to prove.
            (None, _) | (Some(None), None) => false,
            (Some(Some(kept)), Some(given)) if *kept == hashed(given) => true,
            _ => return Err(refused()),
        };
        Ok(Caller { id: Some(id), confidential })
    }
}

impl Caller {
    /// Its `client_id`.
    ///
    /// # Errors
    /// `ERR_OPTIONS` naming `clientId`, where it could be any.
    pub fn named(self) -> Result<String, Error> {
        self.id.ok_or_else(|| Error::option("clientId", "client_id is missing"))
    }
}

/// The credentials of an `Authorization` header of this scheme.
#[must_use]
pub fn scheme<'a>(authorization: &'a str, wanted: &str) -> Option<&'a str> {
    let (scheme, credentials) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| credentials.trim())
}

/// Id and secret, form-encoded within base64 as section 2.3.1 has it.
fn basic(credentials: &str) -> Option<(String, Option<String>)> {
    let url = credentials.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let pair = String::from_utf8(base64url::decode(&url)?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((decode(id)?, decode(secret).filter(|secret| !secret.is_empty())))
}

/// The answer to a client that does not prove who it is.
#[must_use]
pub fn refused() -> Response {
    let wire = Wire { status: 401, error: "invalid_client", code: None };
    let description = "the client is not known here, or did not prove who it is";
    let mut response = Response::failure(wire, description);
    response.headers.push(("www-authenticate", String::from("Basic realm=\"clients\"")));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Lifetimes = Lifetimes { idle: 1, absolute: 2, grace: 3 };

    fn clients(ids: &[(&str, Option<&str>)]) -> Clients {
        let client = |(id, secret): &(&str, Option<&str>)| Client {
            id: String::from(*id),
            secret: secret.map(hashed),
            audience: Vec::new(),
            lifetimes: Lifetimes { idle: 9, ..LIFETIMES },
        };
        Clients { known: Some(ids.iter().map(client).collect()), lifetimes: LIFETIMES }
    }

    fn any() -> Clients {
        Clients { known: None, lifetimes: LIFETIMES }
    }

    fn who(clients: &Clients, header: Option<&str>, body: &str) -> Result<Caller, u16> {
        let mut form = Form::parse(body).unwrap();
        clients.authenticate(header, &mut form).map_err(|response| response.status)
    }

    fn is(id: &str, confidential: bool) -> Result<Caller, u16> {
        Ok(Caller { id: Some(String::from(id)), confidential })
    }

    #[test]
    fn any_client_may_where_none_is_named() {
        assert!(any().allow("web"));
        assert!(clients(&[("web", None)]).allow("web"));
        assert!(!clients(&[("web", None)]).allow("app"));
        assert!(!clients(&[]).allow("web"));
        assert_eq!(clients(&[("web", None)]).lifetimes("web").idle, 9);
        assert_eq!(any().lifetimes("web").idle, 1);
    }

    #[test]
    fn only_a_single_client_may_leave_its_name_out() {
        assert_eq!(who(&clients(&[("web", None)]), None, ""), is("web", false));
        for several in [any(), clients(&[]), clients(&[("web", None), ("app", None)])] {
            let caller = who(&several, None, "").unwrap();
            assert_eq!(caller.named().unwrap_err().detail().option.as_deref(), Some("clientId"));
        }
    }

    #[test]
    fn i9_whoever_has_a_secret_must_know_it() {
        let clients = clients(&[("web", None), ("a b", Some("s:+/?"))]);
        // `a b` and `s:+/?`, form-encoded and in base64.
        let header = Some("bAsIc YStiOnMlM0ElMkIlMkYlM0Y=");
        assert_eq!(who(&clients, header, ""), is("a b", true));
        assert_eq!(who(&clients, header, "client_id=a+b"), is("a b", true));
        assert_eq!(who(&clients, header, "client_id=web"), Err(400));
        assert_eq!(who(&clients, header, "client_secret=x"), Err(400));
        assert_eq!(who(&clients, None, "client_id=a+b&client_secret=s:%2B/?"), is("a b", true));
        for wrong in ["", "&client_secret=", "&client_secret=s", "&client_secret=s:%2B/?x"] {
            assert_eq!(
                who(&clients, None, &["client_id=a+b", wrong].concat()),
                Err(401),
                "{wrong}"
            );
        }
        for wrong in ["Basic !", "Basic YQ", "Basic", "Basic YStiOng="] {
            let found = who(&clients, Some(wrong), "");
            assert!(found == Err(401) || wrong == "Basic", "{wrong}: {found:?}");
        }
        assert_eq!(who(&clients, None, "client_id=web"), is("web", false));
        assert_eq!(who(&clients, None, "client_id=web&client_secret=x"), Err(401));
        assert_eq!(who(&clients, None, "client_id=nobody"), Err(401));
        assert_eq!(who(&any(), None, "client_id=web&client_secret=x"), is("web", false));
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        let printed = format!("{:?}", clients(&[("web", Some("hunter2hunter2"))]));
        assert!(!printed.contains("hunter2"));
    }
}
