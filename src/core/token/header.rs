//! The JOSE header ([RFC 7515, section 4]): what a token says about itself before anything is known to be true.
//!
//! `jwk`, `jku`, `x5u` and `x5c` are not even read: a key never comes from a token.
//!
//! [RFC 7515, section 4]: https://www.rfc-editor.org/rfc/rfc7515#section-4

use super::algorithm::Algorithm;
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value};

/// The members of a header that decide anything.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The algorithm named, where it is one that exists here.
    pub algorithm: Option<Algorithm>,
    /// Which key of a set signed it.
    pub kid: Option<String>,
    /// The media type of the whole.
    pub typ: Option<String>,
    /// Whether the payload is base64url text, as it must be in a JWT ([RFC 7797]).
    ///
    /// [RFC 7797]: https://www.rfc-editor.org/rfc/rfc7797
    pub b64: bool,
    /// The extensions that must be understood, each of them present ("crit").
    pub critical: Vec<String>,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    /// `ERR_JWS_INVALID` for a malformed one.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let object = Object::parse(json).ok_or(MALFORMED)?;
        let algorithm = object
            .string("alg")
            .filter(|name| !name.is_empty())
            .ok_or_else(|| invalid("the header names no algorithm (\"alg\")", "alg"))?;
        Ok(Self {
            algorithm: Algorithm::from_name(algorithm),
            kid: text(&object, "kid")?,
            typ: text(&object, "typ")?,
            b64: match object.get("b64") {
                None | Some(Value::Bool(true)) => true,
                Some(Value::Bool(false)) => false,
                Some(_) => return Err(invalid("\"b64\" must be true or false", "b64")),
            },
            critical: critical(&object)?,
        })
    }

    /// Refuses critical extensions other than `understood`.
    ///
    /// # Errors
    /// `ERR_JOSE_NOT_SUPPORTED`.
    pub fn require_understood(&self, understood: &[String]) -> Result<(), Error> {
        let known = |name: &String| name == "b64" || understood.contains(name);
        if self.critical.iter().all(known) { Ok(()) } else { Err(NOT_UNDERSTOOD.claim("crit")) }
    }
}

const MALFORMED: Error = Error::new(
    Code::JwsInvalid,
    "the token's header is not one strict JSON object (is a member named twice?)",
);

const NOT_UNDERSTOOD: Error = Error::new(
    Code::NotSupported,
    "the token asks for an extension (\"crit\") that is not among the option crit",
);

/// More extensions than any token has reason to name.
const MAX_CRITICAL: usize = 16;

fn critical(object: &Object<'_>) -> Result<Vec<String>, Error> {
    let Some(crit) = object.get("crit") else { return Ok(Vec::new()) };
    // Each name is looked up among the members, so a flood of both would take its square in time.
    let names = crit.as_array().filter(|names| (1..=MAX_CRITICAL).contains(&names.len()));
    let names =
        names.ok_or_else(|| invalid("\"crit\" must be an array of 1 to 16 names", "crit"))?;
    let mut critical = Vec::new();
    for name in names {
        let name = name.as_str().filter(|name| object.get(name).is_some());
        let name =
            name.ok_or_else(|| invalid("\"crit\" must name members that are there", "crit"))?;
        critical.push(String::from(name));
    }
    Ok(critical)
}

fn text(object: &Object<'_>, name: &'static str) -> Result<Option<String>, Error> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(String::from(&**text))),
        Some(_) => Err(invalid("a header member that must be a string is none", name)),
    }
}

fn invalid(message: &'static str, member: &'static str) -> Error {
    Error::new(Code::JwsInvalid, message).claim(member)
}

/// Whether two media types are one: without regard to case, and `at+jwt` is `application/at+jwt`
/// ([RFC 7515, section 4.1.9]).
///
/// [RFC 7515, section 4.1.9]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9
#[must_use]
pub fn same_type(left: &str, right: &str) -> bool {
    short(left).eq_ignore_ascii_case(short(right))
}

fn short(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => media_type,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(json: &str) -> Code {
        Header::parse(json.as_bytes()).unwrap_err().code
    }

    #[test]
    fn the_deciding_members_are_read() {
        let header = Header::parse(br#"{"alg":"ES256","kid":"k","typ":"JWT","jwk":{}}"#);
        let header = header.unwrap();
        assert_eq!(header.algorithm, Some(Algorithm::Es256));
        assert_eq!((header.kid.as_deref(), header.typ.as_deref()), (Some("k"), Some("JWT")));
        assert!(header.b64);
    }

    #[test]
    fn an_unknown_algorithm_is_no_algorithm() {
        assert_eq!(Header::parse(br#"{"alg":"none"}"#).unwrap().algorithm, None);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for json in [
            "",
            "[]",
            "{}",
            r#"{"alg":1}"#,
            r#"{"alg":""}"#,
            r#"{"alg":"ES256","alg":"ES256"}"#,
            r#"{"alg":"ES256","kid":7}"#,
            r#"{"alg":"ES256","typ":null}"#,
            r#"{"alg":"ES256","b64":"false"}"#,
            r#"{"alg":"ES256","crit":[]}"#,
            r#"{"alg":"ES256","crit":"exp"}"#,
            r#"{"alg":"ES256","crit":[1]}"#,
            r#"{"alg":"ES256","crit":[""]}"#,
            r#"{"alg":"ES256","crit":["exp"]}"#,
        ] {
            assert_eq!(code(json), Code::JwsInvalid, "{json}");
        }
    }

    #[test]
    fn a_critical_extension_must_be_understood() {
        let header =
            Header::parse(br#"{"alg":"ES256","crit":["x","b64"],"x":1,"b64":true}"#).unwrap();
        assert_eq!(header.require_understood(&[]).unwrap_err().code, Code::NotSupported);
        assert_eq!(header.require_understood(&[String::from("x")]), Ok(()));
    }

    #[test]
    fn types_are_equal_with_and_without_application() {
        assert!(same_type("at+jwt", "application/at+jwt"));
        assert!(same_type("JWT", "Application/jwt"));
        assert!(!same_type("at+jwt", "jwt"));
        assert!(!same_type("text/jwt", "jwt"));
        assert!(!same_type("a/b", "application/a/b"));
    }
}
