//! The little of DER ([X.690, section 8]) that keys take: elements with one-byte tags and lengths up to 64 KiB.
//!
//! [X.690, section 8]: https://www.itu.int/rec/T-REC-X.690

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const SEQUENCE: u8 = 0x30;
/// What an EC private key may hold besides (RFC 5915, section 3).
pub(super) const PARAMETERS: u8 = 0xa0;
pub(super) const POINT: u8 = 0xa1;

/// The content of the first element, which must have this tag, and what follows it.
pub(super) fn first(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der.strip_prefix(&[tag])? {
        [length @ 0..=0x7f, rest @ ..] => (usize::from(*length), rest),
        [0x81, length @ 0x80..=0xff, rest @ ..] => (usize::from(*length), rest),
        [0x82, high @ 1..=0xff, low, rest @ ..] => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The content of the one element there is, which must have this tag.
pub(super) fn only(tag: u8, der: &[u8]) -> Option<&[u8]> {
    first(tag, der).filter(|(_, rest)| rest.is_empty()).map(|(content, _)| content)
}

/// An element of this tag around the content.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let head: &[u8] = match content.len() {
        ..0x80 => &[tag, low],
        0x80..0x100 => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    [head, content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_read_as_it_was_written() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff] {
            let content = vec![7; length];
            let der = element(OCTET_STRING, &content);
            assert_eq!(only(OCTET_STRING, &der), Some(content.as_slice()), "{length}");
            assert_eq!(only(INTEGER, &der), None);
            assert_eq!(only(OCTET_STRING, &der[..der.len() - 1]), None);
            assert_eq!(only(OCTET_STRING, &[der.as_slice(), &[0]].concat()), None);
        }
    }

    #[test]
    fn a_length_has_one_form() {
        for der in
            [&b"\x04\x81\x01\x07"[..], b"\x04\x82\x00\x01\x07", b"\x04\x80\x00\x00", b"\x04", b""]
        {
            assert_eq!(first(OCTET_STRING, der), None, "{der:?}");
        }
    }
}
