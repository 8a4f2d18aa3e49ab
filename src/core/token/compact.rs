//! The compact form: `header.payload.signature`, and exactly that ([RFC 7515, section 7.1]).
//!
//! [RFC 7515, section 7.1]: https://www.rfc-editor.org/rfc/rfc7515#section-7.1

use std::fmt;
use std::sync::Arc;

use super::base64url;
use super::header::Header;
use crate::core::error::{Code, Error};

/// The longest token that is looked at, in bytes.
pub const MAX_LENGTH: usize = 256 * 1024;

/// A token of which nothing is known to be true yet.
#[derive(Clone)]
pub struct UntrustedToken<'t> {
    head: Arc<Head>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    signing_input: &'t str,
}

impl fmt::Debug for UntrustedToken<'_> {
    // Whoever reads a whole token can use it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntrustedToken").field("header", self.header()).finish_non_exhaustive()
    }
}

impl<'t> UntrustedToken<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// `ERR_JWS_INVALID` where it is not the one canonical form of a JWS, and what
    /// [`Header::parse`] refuses.
    pub fn parse(token: &'t str) -> Result<Self, Error> {
        Self::parse_after(token, None)
    }

    /// As [`UntrustedToken::parse`], for one of many: most begin as the `last` did, whose head is then
    /// not read anew.
    ///
    /// # Errors
    /// As [`UntrustedToken::parse`].
    pub fn parse_after(token: &'t str, last: Option<&Arc<Head>>) -> Result<Self, Error> {
        if token.len() > MAX_LENGTH {
            return Err(Error::new(Code::JwsInvalid, "the token is longer than 256 KiB"));
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(SEGMENTS)?;
        let (header, payload) = signing_input.split_once('.').ok_or(SEGMENTS)?;
        if payload.contains('.') {
            return Err(SEGMENTS);
        }
        Ok(Self {
            head: match last {
                Some(last) if last.encoded == header => Arc::clone(last),
                _ => Arc::new(Head::parse(header)?),
            },
            payload: base64url::decode(payload).ok_or(ENCODING)?,
            signature: base64url::decode(signature).ok_or(ENCODING)?,
            signing_input,
        })
    }

    /// What the token says about itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.head.header
    }

    /// The header as it was written: one strict JSON object.
    #[must_use]
    pub fn header_json(&self) -> &str {
        &self.head.json
    }

    /// The part before the first dot.
    #[must_use]
    pub const fn head(&self) -> &Arc<Head> {
        &self.head
    }

    /// The payload, whatever it is.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The bytes that the signature is over.
    #[must_use]
    pub const fn signing_input(&self) -> &'t str {
        self.signing_input
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The same without the bytes that the signature is over.
    pub(super) fn detached(self) -> UntrustedToken<'static> {
        let Self { head, payload, signature, .. } = self;
        UntrustedToken { head, payload, signature, signing_input: "" }
    }

    pub(super) fn into_head_and_payload(self) -> (Arc<Head>, Vec<u8>) {
        (self.head, self.payload)
    }
}

/// A header, as it stands in the token and as it was read.
#[derive(Debug)]
pub struct Head {
    encoded: String,
    json: String,
    header: Header,
}

impl Head {
    fn parse(encoded: &str) -> Result<Self, Error> {
        let json = base64url::decode(encoded).ok_or(ENCODING)?;
        let header = Header::parse(&json)?;
        let json = String::from_utf8(json).map_err(|_| ENCODING)?;
        Ok(Self { encoded: String::from(encoded), json, header })
    }

    /// The header as it was written: one strict JSON object.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// What it says.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }
}

const SEGMENTS: Error =
    Error::new(Code::JwsInvalid, "a token has three parts with a dot between them, and no more");
const ENCODING: Error =
    Error::new(Code::JwsInvalid, "a part of the token is not canonical base64url without padding");

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "eyJhbGciOiJFUzI1NiJ9";

    fn parse(token: &str) -> Result<UntrustedToken<'_>, Error> {
        UntrustedToken::parse(token)
    }

    #[test]
    fn three_parts_are_taken_apart() {
        let text = format!("{HEADER}.e30.AAEC");
        let token = parse(&text).unwrap();
        assert_eq!(token.header_json(), r#"{"alg":"ES256"}"#);
        assert_eq!(token.payload(), b"{}");
        assert_eq!(token.signature(), [0, 1, 2]);
        assert_eq!(token.signing_input(), format!("{HEADER}.e30"));
        let printed = format!("{token:?}");
        assert!(!printed.contains("e30") && !printed.contains("[0, 1, 2]"), "{printed}");
    }

    #[test]
    fn a_head_is_read_once_for_tokens_that_begin_alike() {
        let (first, other) = (format!("{HEADER}.e30.AAEC"), "eyJhbGciOiJIUzI1NiJ9.e30.AAEC");
        let first = parse(&first).unwrap();
        let text = format!("{HEADER}.e30.AAED");
        let second = UntrustedToken::parse_after(&text, Some(first.head())).unwrap();
        assert!(Arc::ptr_eq(first.head(), second.head()));
        assert_eq!(second.signature(), [0, 1, 3]);
        let third = UntrustedToken::parse_after(other, Some(second.head())).unwrap();
        assert_eq!(third.header_json(), r#"{"alg":"HS256"}"#);
    }

    #[test]
    fn anything_but_the_canonical_three_parts_is_refused() {
        for token in [
            String::new(),
            String::from("."),
            String::from(".."),
            String::from(HEADER),
            format!("{HEADER}.e30"),
            format!("{HEADER}.e30.AAEC.AAEC"),
            format!("{HEADER}.e30.AAE="),
            format!("{HEADER}.e31.AAEC"),
            format!("{HEADER}=.e30.AAEC"),
            format!("{HEADER}.e30.AAEC\n"),
            format!(" {HEADER}.e30.AAEC"),
            format!("{HEADER}.e30.AA+C"),
            format!("{HEADER}.{}.AAEC", "A".repeat(MAX_LENGTH)),
        ] {
            assert_eq!(parse(&token).unwrap_err().code, Code::JwsInvalid, "{token:.40}");
        }
    }
}
