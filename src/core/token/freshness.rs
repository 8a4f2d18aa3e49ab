//! How long an answer counts ([RFC 9111, section 4.2]), and from where one may be fetched at all.
//!
//! [RFC 9111, section 4.2]: https://www.rfc-editor.org/rfc/rfc9111#section-4.2

/// What a server answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
    /// The header `Cache-Control`.
    pub cache_control: Option<&'a str>,
    /// The header `Age`.
    pub age: Option<&'a str>,
}

impl<'a> Answer<'a> {
    /// An answer that says nothing of its life.
    #[must_use]
    pub const fn new(status: u16, body: &'a [u8]) -> Self {
        Self { status, body, cache_control: None, age: None }
    }

    /// Adds the header `Cache-Control`.
    #[must_use]
    pub const fn cache_control(self, value: &'a str) -> Self {
        Self { cache_control: Some(value), ..self }
    }

    /// Adds the header `Age`.
    #[must_use]
    pub const fn age(self, value: &'a str) -> Self {
        Self { age: Some(value), ..self }
    }

    /// The seconds that the server gives it; `None` where it does not say.
    ///
    /// `s-maxage` is for caches that many share and that can be purged, so it is not for us.
    pub(super) fn lifetime(&self) -> Option<f64> {
        let mut lifetime: Option<f64> = None;
        for directive in self.cache_control?.split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let name = name.trim();
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            let given = if is("no-store") || is("no-cache") {
                0.0
            } else if is("max-age") {
                // Without a number that can be read, it counts as over.
                let age = self.age.and_then(seconds).unwrap_or(0.0);
                seconds(value).unwrap_or(0.0) - age
            } else {
                continue;
            };
            lifetime = Some(lifetime.map_or(given, |lifetime| lifetime.min(given)));
        }
        lifetime
    }
}

fn seconds(text: &str) -> Option<f64> {
    let digits = text.trim().trim_matches('"');
    // One too large to hold is only very long.
    (!digits.is_empty() && is_number(digits))
        .then(|| digits.parse().unwrap_or(u32::MAX))
        .map(f64::from)
}

/// Whether `now` is within `length` of `since`. A clock that was set back is not: better to ask once
/// too often than to trust for ever.
pub(super) fn within(since: f64, length: f64, now: f64) -> bool {
    (0.0..length).contains(&(now - since))
}

/// Whether keys may come from this URL, as the URL standard writes it: over https, or from this machine.
#[must_use]
pub fn is_trustworthy(href: &str) -> bool {
    let secure = href.strip_prefix("https://");
    let Some(rest) = secure.or_else(|| href.strip_prefix("http://")) else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if is_number(port) => host,
        _ => authority,
    };
    // Not every host of digits and dots is an address: `127..` is a name, of whoever has it.
    let is_part = |part: &str| !part.is_empty() && is_number(part);
    let is_ipv4 = host.split('.').count() == 4 && host.split('.').all(is_part);
    secure.is_some()
        || matches!(host, "localhost" | "[::1]")
        || (is_ipv4 && host.starts_with("127."))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime(cache_control: &str, age: &str) -> Option<f64> {
        Answer::new(200, b"").cache_control(cache_control).age(age).lifetime()
    }

    #[test]
    fn v5_cache_control_is_read_as_rfc_9111_writes_it() {
        assert_eq!(Answer::new(200, b"").age("10").lifetime(), None);
        for (cache_control, age, wanted) in [
            ("", "", None),
            ("public, must-revalidate", "", None),
            ("s-maxage=60", "", None),
            ("max-age=60", "", Some(60.0)),
            ("public,MAX-AGE = 60 , immutable", "20", Some(40.0)),
            ("max-age=\"60\"", "x", Some(60.0)),
            ("max-age=60", "100", Some(-40.0)),
            ("max-age=60, max-age=30", "", Some(30.0)),
            ("max-age=99999999999999999999", "", Some(f64::from(u32::MAX))),
            ("max-age=-1", "", Some(0.0)),
            ("max-age=1.5", "", Some(0.0)),
            ("max-age", "", Some(0.0)),
            ("no-cache", "", Some(0.0)),
            ("max-age=60, no-store", "", Some(0.0)),
            ("No-Cache=\"set-cookie\", max-age=60", "", Some(0.0)),
            ("xmax-age=60, no-storex", "", None),
        ] {
            assert_eq!(lifetime(cache_control, age), wanted, "{cache_control} / {age}");
        }
    }

    #[test]
    fn v5_a_clock_that_was_set_back_ends_every_span() {
        assert!(within(100.0, 10.0, 100.0));
        assert!(within(100.0, 10.0, 109.9));
        assert!(!within(100.0, 10.0, 110.0));
        assert!(!within(100.0, 10.0, 99.0));
        assert!(!within(100.0, 10.0, f64::NAN));
    }

    #[test]
    fn v5_keys_come_over_https_or_from_this_machine() {
        for url in [
            "https://issuer.example/jwks",
            "https://issuer.example:8443/",
            "https://[2001:db8::1]/",
            "http://localhost/jwks",
            "http://localhost:8080/jwks",
            "http://127.0.0.1:1/",
            "http://127.8.9.1/",
            "http://[::1]/",
            "http://[::1]:9/",
        ] {
            assert!(is_trustworthy(url), "{url}");
        }
        for url in [
            "",
            "jwks",
            "http://issuer.example/jwks",
            "http://localhost@issuer.example/",
            "http://localhost:80@issuer.example/",
            "https://user:password@issuer.example/",
            "http://localhost.issuer.example/",
            "http://127.0.0.1.issuer.example/",
            "http://[::2]/",
            "http://10.0.0.1/",
            "http://127../",
            "http://127.0.0.1../",
            "http://127.0.0.+1/",
            "ftp://localhost/",
            "data:application/json,{}",
            "file:///etc/keys",
        ] {
            assert!(!is_trustworthy(url), "{url}");
        }
    }
}
