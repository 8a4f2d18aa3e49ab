//! Strict base64url: no padding, no white space, no spare bits ([RFC 4648, section 5]).
//!
//! [RFC 4648, section 5]: https://www.rfc-editor.org/rfc/rfc4648#section-5

use base64ct::{Base64UrlUnpadded, Encoding};

/// The bytes that `text` stands for, or `None` where it is not the one canonical form of them.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// The canonical form of `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_goes_there_and_back() {
        for length in 0..70_u8 {
            let bytes: Vec<u8> = (0..length).map(|n| n.wrapping_mul(37)).collect();
            assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn anything_but_the_canonical_form_is_refused() {
        for text in ["a", "QQ==", "QR", "Q Q", "Q+Q/", "QQ\n", "é"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
