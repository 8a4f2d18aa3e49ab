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
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    let mut bytes = vec![0; groups.len().saturating_mul(3)];
    let mut seen: u8 = 0;
    for ([a, b, c, d], group) in groups.iter().zip(bytes.as_chunks_mut().0) {
        let (a, b, c, d) = (value(*a), value(*b), value(*c), value(*d));
        seen |= a | b | c | d;
        *group = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    }
    match *rest {
        [] => {}
        [a, b] => {
            let (a, b) = (value(a), value(b));
            // What the last character has too much must be nothing: INVALID has it all.
            seen |= a | if b & 0b1111 == 0 { b } else { INVALID };
            bytes.push(a << 2 | b >> 4);
        }
        [a, b, c] => {
            let (a, b, c) = (value(a), value(b), value(c));
            seen |= a | b | if c & 0b11 == 0 { c } else { INVALID };
            bytes.extend([a << 2 | b >> 4, b << 4 | c >> 2]);
        }
        _ => return None,
    }
    (seen != INVALID).then_some(bytes)
}

#[allow(clippy::indexing_slicing, reason = "there is a value for every byte")]
const fn value(character: u8) -> u8 {
    VALUES[character as usize]
}

/// The canonical form of `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let (groups, rest) = bytes.as_chunks::<3>();
    let mut text = vec![0; groups.len().saturating_mul(4)];
    for ([a, b, c], group) in groups.iter().zip(text.as_chunks_mut().0) {
        *group = [
            character(a >> 2),
            character(a << 4 | b >> 4),
            character(b << 2 | c >> 6),
            character(*c),
        ];
    }
    match *rest {
        [a] => text.extend([character(a >> 2), character(a << 4)]),
        [a, b] => text.extend([character(a >> 2), character(a << 4 | b >> 4), character(b << 2)]),
        _ => {}
    }
    String::from_utf8(text).unwrap_or_default()
}

/// The character of the lower six bits.
#[allow(clippy::indexing_slicing, reason = "six bits are 64 characters")]
const fn character(bits: u8) -> u8 {
    ALPHABET[(bits & 63) as usize]
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
