//! The cookies that carry a session's tokens, as they are read and as they are set ([RFC 6265]).
//!
//! [RFC 6265]: https://www.rfc-editor.org/rfc/rfc6265

use super::answer::Answer;
use super::attempt::Attempt;
use super::clients::{Caller, Clients, refused};
use super::codec::MAX_CLIENT;
use super::endpoint::split;
use super::http::Response;
use super::refusal::Refusal;
use super::session::Session;
use crate::core::error::Error;
use crate::core::json::integer;
use crate::core::token::base64url;

/// What browsers keep of one cookie, its name and value together, in bytes, less the end of ours.
const LONGEST: usize = 4096 - ACCESS.len();
/// What follows the common part of the names.
const REFRESH: &str = "";
const ATTEMPT: &str = "-attempt";
const ACCESS: &str = "-access";
/// The word in the form that stands for no attempt, whatever the cookies hold.
const NO_ATTEMPT: &str = "none";

/// What the cookies are called, and where browsers send them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cookies {
    name: String,
    attributes: String,
}

/// What the application says about them; what is left out is as strict as can be.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "options")]
pub struct Wanted<'a> {
    /// What they are called, but for the prefix.
    pub name: Option<&'a str>,
    /// Below which path they are sent.
    pub path: Option<&'a str>,
    /// To which domain and all below it they are sent.
    pub domain: Option<&'a str>,
    /// `strict`, `lax` or `none`.
    pub same_site: Option<&'a str>,
}

/// What a request carries of them; nothing of it is checked yet.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Jar {
    /// The refresh token and whose client's it is.
    pub refresh: Option<(String, String)>,
    /// The access token.
    pub access: Option<String>,
    attempt: Option<(u64, String)>,
}

impl std::fmt::Debug for Jar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jar").finish_non_exhaustive()
    }
}

impl Cookies {
    /// Cookies as they are wanted.
    ///
    /// ```
    /// use evertoken::core::account::cookie::{Cookies, Wanted};
    ///
    /// let cookies = Cookies::new(Wanted::default())?;
    /// assert_eq!(cookies.clear()[0], "__Host-evertoken=; Max-Age=0; Path=/; Secure; SameSite=Strict; HttpOnly");
    /// # Ok::<(), evertoken::core::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// `ERR_OPTIONS` naming what cannot be part of a cookie.
    pub fn new(wanted: Wanted<'_>) -> Result<Self, Error> {
        let (path, domain) = (wanted.path.unwrap_or("/"), wanted.domain);
        // Browsers take this prefix only from a host that keeps the cookie to itself.
        let prefix = if path == "/" && domain.is_none() { "__Host-" } else { "__Secure-" };
        let name = wanted.name.unwrap_or("evertoken");
        let name = name.strip_prefix(prefix).unwrap_or(name);
        if !is_token(name) || name.len() > 64 || name.starts_with("__") {
            let message = "a name is up to 64 letters, digits or marks; its prefix, __Host- or, \
                with a path or a domain, __Secure-, goes without saying";
            return Err(Error::option("cookie.name", message));
        }
        if !path.starts_with('/') || !is_attribute(path) {
            return Err(Error::option("cookie.path", "a path begins with a slash and has no ;"));
        }
        let same_site = wanted.same_site.unwrap_or("strict");
        let same_site =
            ["Strict", "Lax", "None"].into_iter().find(|it| it.eq_ignore_ascii_case(same_site));
        let same_site = same_site.ok_or_else(|| {
            Error::option("cookie.sameSite", "this must be \"strict\", \"lax\" or \"none\"")
        })?;
        let mut attributes = ["; Path=", path, "; Secure; SameSite=", same_site].concat();
        if let Some(domain) = domain {
            if !is_attribute(domain) {
                return Err(Error::option("cookie.domain", "a domain is a host name"));
            }
            attributes.push_str("; Domain=");
            attributes.push_str(domain);
        }
        Ok(Self { name: [prefix, name].concat(), attributes })
    }

    /// What a request's `Cookie` header holds; of several cookies with one name the first that is
    /// as ours are, since the one whose path fits best comes first.
    #[must_use]
    pub fn read(&self, header: &str) -> Jar {
        let mut jar = Jar::default();
        for pair in header.split(';') {
            let Some((name, value)) = pair.trim().split_once('=') else { continue };
            match name.strip_prefix(&*self.name) {
                Some(REFRESH) => jar.refresh = jar.refresh.or_else(|| refresh(value)),
                Some(ATTEMPT) => jar.attempt = jar.attempt.or_else(|| attempt(value)),
                Some(ACCESS) if jar.access.is_none() && !value.is_empty() => {
                    jar.access = Some(String::from(value));
                }
                _ => {}
            }
        }
        jar
    }

    /// The `Set-Cookie` values for an answer: all three, so that they never part.
    #[must_use]
    pub fn set(
        &self,
        answer: &Answer<'_>,
        refresh_token: &str,
        access_token: &str,
        attempt: &str,
    ) -> Vec<String> {
        let Session { client, generation, .. } = answer.session;
        let life = answer.refresh_expires_in();
        let refresh = [refresh_token, "~", &base64url::encode(client.as_bytes())].concat();
        let attempt = [&*generation.to_string(), ".", attempt].concat();
        // Browsers drop what is too long, and keep the one before.
        let fits = self.name.len().saturating_add(access_token.len()) < LONGEST;
        let access = if fits { access_token } else { "" };
        vec![
            self.cookie(REFRESH, &refresh, life),
            self.cookie(ATTEMPT, &attempt, life),
            self.cookie(ACCESS, access, if fits { answer.expires_in() } else { 0 }),
        ]
    }

    /// The `Set-Cookie` values that make a browser forget all of them.
    #[must_use]
    pub fn clear(&self) -> Vec<String> {
        vec![self.cookie(REFRESH, "", 0), self.cookie(ATTEMPT, "", 0), self.cookie(ACCESS, "", 0)]
    }

    fn cookie(&self, suffix: &str, value: &str, life: i64) -> String {
        let hidden = if suffix == ATTEMPT { "" } else { "; HttpOnly" };
        let mut age = String::new();
        integer(&mut age, life);
        [&*self.name, suffix, "=", value, "; Max-Age=", &age, &*self.attributes, hidden].concat()
    }
}

impl Jar {
    /// The refresh token and whose client's it is, where this caller may have it.
    ///
    /// # Errors
    /// The answer 400 `invalid_grant` where the caller is another client, or 401 `invalid_client`
    /// where it did not prove to be this one.
    pub fn take(
        &mut self,
        caller: &Caller,
        clients: &Clients,
    ) -> Result<Option<(String, String)>, Response> {
        let Some((token, client)) = self.refresh.take() else { return Ok(None) };
        let is_secret = clients.find(&client).is_some_and(|client| client.secret.is_some());
        if caller.id.as_ref().is_some_and(|id| *id != client) {
            return Err(Response::error(&Refusal::Invalid.error()).unwrap_or_else(refused));
        }
        if is_secret && !caller.confidential {
            return Err(refused());
        }
        Ok(Some((token, client)))
    }

    /// The attempt that proves a repeat of a refresh with the token of this generation: the form's,
    /// where it has one, or else the cookie's, where it was set with that token.
    #[must_use]
    pub fn attempt(self, generation: u64, form: Option<String>) -> Option<String> {
        match form {
            Some(said) => Some(said).filter(|said| said != NO_ATTEMPT),
            None => self.attempt.filter(|(of, _)| *of == generation).map(|(_, attempt)| attempt),
        }
    }
}

/// A refresh token and whose client's it is.
fn refresh(value: &str) -> Option<(String, String)> {
    let (token, client) = value.split_once('~')?;
    let client = String::from_utf8(base64url::decode(client)?).ok()?;
    (client.len() <= MAX_CLIENT).then(|| (String::from(token), client))
}

/// An attempt and the generation that it was set with.
fn attempt(value: &str) -> Option<(u64, String)> {
    let (generation, attempt) = value.split_once('.')?;
    let generation = generation.parse().ok()?;
    Attempt::fits(attempt).then(|| (generation, String::from(attempt)))
}

/// Whether a request to this URL comes from a page of the very same origin ([Fetch Metadata]);
/// from browsers that do not say so, whether its `Origin` is that one.
///
/// [Fetch Metadata]: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
#[must_use]
pub fn is_own(fetch_site: Option<&str>, origin: Option<&str>, url: &str) -> bool {
    fetch_site.map_or_else(|| origin == Some(split(url).0), |site| site == "same-origin")
}

/// A token of HTTP (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    let is_mark = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

fn is_attribute(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b';')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ATTEMPT_1: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    fn cookies(wanted: Wanted<'_>) -> Cookies {
        Cookies::new(wanted).unwrap()
    }

    fn strict() -> Cookies {
        cookies(Wanted::default())
    }

    #[test]
    fn a_cookie_that_leaves_its_host_has_the_weaker_prefix() {
        let name = |wanted| cookies(wanted).name;
        let plain = Wanted::default();
        assert_eq!(name(plain), "__Host-evertoken");
        assert_eq!(name(Wanted { path: Some("/"), ..plain }), "__Host-evertoken");
        assert_eq!(name(Wanted { path: Some("/a"), ..plain }), "__Secure-evertoken");
        assert_eq!(name(Wanted { domain: Some("e.com"), ..plain }), "__Secure-evertoken");
        assert_eq!(name(Wanted { name: Some("sid"), ..plain }), "__Host-sid");
        assert_eq!(name(Wanted { name: Some("__Host-sid"), ..plain }), "__Host-sid");
        let cleared = cookies(Wanted {
            name: Some("sid"),
            path: Some("/a"),
            domain: Some("e.com"),
            same_site: Some("lax"),
        })
        .clear();
        let rest = "=; Max-Age=0; Path=/a; Secure; SameSite=Lax; Domain=e.com";
        let hidden = "; HttpOnly";
        let wanted = [("", hidden), ("-attempt", ""), ("-access", hidden)];
        let wanted = wanted.map(|(suffix, end)| ["__Secure-sid", suffix, rest, end].concat());
        assert_eq!(cleared, wanted);
    }

    #[test]
    fn nothing_is_smuggled_into_a_cookie() {
        let option = |wanted| {
            let error = Cookies::new(wanted).unwrap_err();
            error.detail().option.clone().unwrap().into_owned()
        };
        let plain = Wanted::default();
        let long = "a".repeat(65);
        for name in ["", "a=b", "a b", "a;b", "é", "__Secure-a", "__Host-", "a\r\nb", &long] {
            assert_eq!(option(Wanted { name: Some(name), ..plain }), "cookie.name", "{name}");
        }
        for path in ["", "a", "/a;b", "/a b", "/\n", "/é"] {
            assert_eq!(option(Wanted { path: Some(path), ..plain }), "cookie.path", "{path}");
        }
        for domain in ["", "a;b", "a b", "\r"] {
            assert_eq!(option(Wanted { domain: Some(domain), ..plain }), "cookie.domain");
        }
        for same_site in ["", "stricter", "lax;"] {
            let wanted = Wanted { same_site: Some(same_site), ..plain };
            assert_eq!(option(wanted), "cookie.sameSite");
        }
    }

    #[test]
    fn cookies_are_found_among_others() {
        let header = [
            "theme=dark;__Host-evertoken=rt1.x~d2Vi; __Host-evertoken-attempt=7.",
            ATTEMPT_1,
            " ; __Host-evertoken-access=a.b.c=;__Host-evertoken=planted~d2Vi; x",
        ]
        .concat();
        let jar = strict().read(&header);
        assert_eq!(jar.refresh, Some((String::from("rt1.x"), String::from("web"))));
        assert_eq!(jar.access.as_deref(), Some("a.b.c="));
        assert_eq!(jar.clone().attempt(7, None).as_deref(), Some(ATTEMPT_1));
        assert_eq!(jar.clone().attempt(8, None), None, "it was set with another token");
        assert_eq!(jar.clone().attempt(7, Some("x".into())).as_deref(), Some("x"));
        assert_eq!(jar.clone().attempt(7, Some("none".into())), None);
        assert!(!format!("{jar:?}").contains("rt1"));
    }

    #[test]
    fn what_is_not_quite_a_cookie_of_ours_is_none() {
        for header in [
            "",
            ";;=;",
            "__Host-evertoken",
            "__Host-evertoken=",
            "__Host-evertoken=rt1.x",
            "__Host-evertoken=rt1.x~é",
            "__Host-evertoken=rt1.x~_w",
            "__host-evertoken=rt1.x~d2Vi",
            "__Host-evertoken2=rt1.x~d2Vi",
            "evertoken=rt1.x~d2Vi",
            "__Host-evertoken-attempt=7",
            "__Host-evertoken-attempt=7.short",
            "__Host-evertoken-attempt=-7.AAAAAAAAAAAAAAAAAAAAAA",
            "__Host-evertoken-attempt=99999999999999999999.AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(strict().read(header) == Jar::default(), "{header}");
        }
    }

    #[test]
    fn only_the_very_same_origin_is_ones_own() {
        let (own, url) = ("https://a.example", "https://a.example/token?x=/");
        assert!(is_own(Some("same-origin"), None, url));
        assert!(is_own(None, Some(own), url));
        for site in ["same-site", "cross-site", "none", "", "SAME-ORIGIN", "same-origin, none"] {
            assert!(!is_own(Some(site), Some(own), url), "{site}");
        }
        for origin in
            ["null", "", "https:", "https://b.a.example", "http://a.example", "https://a.example/"]
        {
            assert!(!is_own(None, Some(origin), url), "{origin}");
        }
        assert!(!is_own(None, None, url));
    }

    proptest! {
        #[test]
        fn garbage_is_read_as_little(header in "[ -~é]{0,200}") {
            let jar = strict().read(&header);
            prop_assert!(jar.refresh.is_none() && jar.access.is_none());
        }

        #[test]
        fn garbage_around_and_inside_is_read_without_harm(
            parts in proptest::collection::vec(
                ("(__Host-evertoken(-attempt|-access)?|[ -~]{0,6})", "[=;~. ]?", "[ -~é]{0,80}"),
                0..8,
            ),
            generation in any::<u64>(),
        ) {
            let header = parts.iter().flat_map(|(a, b, c)| [&**a, b, c, ";"]).collect::<String>();
            let jar = strict().read(&header);
            if let Some((token, client)) = &jar.refresh {
                prop_assert!(client.len() <= MAX_CLIENT && !token.contains([';', '~']));
            }
            if let Some(attempt) = jar.attempt(generation, None) {
                prop_assert!(Attempt::fits(&attempt));
            }
        }
    }
}
