//! The points of Ed25519 that are no keys: under one of small order, a signature that anybody can
//! write is good for every message ([RFC 8032, section 5.1]).
//!
//! Hosts differ about them, so they are refused before one is asked.
//!
//! [RFC 8032, section 5.1]: https://www.rfc-editor.org/rfc/rfc8032#section-5.1

/// Their y, little-endian, without the sign of x, which is the highest bit.
const ORDINATES: [[u8; 32]; 7] = [
    small(0),
    small(1),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    around_prime(0xec),
    // 0 and 1 again, not reduced.
    around_prime(0xed),
    around_prime(0xee),
];

const fn small(value: u8) -> [u8; 32] {
    let mut y = [0; 32];
    let [first, ..] = &mut y;
    *first = value;
    y
}

/// The number around 2^255 − 19 with this lowest byte.
const fn around_prime(lowest: u8) -> [u8; 32] {
    let mut y = [0xff; 32];
    let [first, .., last] = &mut y;
    *first = lowest;
    *last = 0x7f;
    y
}

/// Whether the encoded point is of small order.
pub(super) fn is_small_order(point: &[u8; 32]) -> bool {
    let mut y = *point;
    let [.., last] = &mut y;
    *last &= 0x7f;
    ORDINATES.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_signs_of_every_small_point_are_found_and_ordinary_ones_are_not() {
        for mut point in ORDINATES {
            assert!(is_small_order(&point));
            point[31] |= 0x80;
            assert!(is_small_order(&point));
            point[15] ^= 1;
            assert!(!is_small_order(&point));
        }
    }
}
