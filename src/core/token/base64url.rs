//! Strict base64url: no padding, no white space, no spare bits ([RFC 4648, section 5]).
//!
//! [RFC 4648, section 5]: https://www.rfc-editor.org/rfc/rfc4648#section-5

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What stands for nothing.
const INVALID: u8 = 0xff;

/// What each byte stands for.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "done by the compiler")]
const VALUES: [u8; 256] = {
    let mut values = [INVALID; 256];
    let mut value: u8 = 0;
    while value < 64 {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// The bytes that `text` stands for, or `None` where it is not the one canonical form of them.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len().div_ceil(4).saturating_mul(3));
    let mut seen: u8 = 0;
    for group in text.as_bytes().chunks(4) {
        let mut word: u32 = 0;
        for character in group {
            let value = VALUES.get(usize::from(*character)).copied().unwrap_or(INVALID);
            seen |= value;
            word = (word << 6) | u32::from(value);
        }
        match group.len() {
            4 => bytes.extend_from_slice(word.to_be_bytes().split_first()?.1),
            3 if word & 0b11 == 0 => bytes.extend_from_slice(&((word >> 2) as u16).to_be_bytes()),
            2 if word & 0b1111 == 0 => bytes.push((word >> 4) as u8),
            _ => return None,
        }
    }
    (seen != INVALID).then_some(bytes)
}

/// The canonical form of `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0, |word: u32, byte| (word << 8) | u32::from(*byte));
        // Left-aligned in 24 bits, of which a shorter group writes fewer characters.
        let (word, length) = match group.len() {
            3 => (word, 4),
            2 => (word << 8, 3),
            _ => (word << 16, 2),
        };
        for shift in [18, 12, 6, 0].into_iter().take(length) {
            let value = (word >> shift) as usize & 63;
            text.push(ALPHABET.get(value).copied().map_or('A', char::from));
        }
    }
    text
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
    fn rfc_4648_and_both_ends_of_the_alphabet_are_written_as_they_should() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (b"\xfb\xff\xbf\x00", "-_-_AA"),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn anything_but_the_canonical_form_is_refused() {
        for text in ["a", "QQ==", "QR", "QUJ", "QUJDR", "QUJ\0", "~~~~", "Q Q", "Q+Q/", "QQ\n", "é"]
        {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
