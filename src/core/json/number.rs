//! Numbers, exact for whoever needs it ([RFC 8259, section 6]).
//!
//! [RFC 8259, section 6]: https://www.rfc-editor.org/rfc/rfc8259#section-6

/// A number as it was written, so that nothing is lost before somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    pub(super) text: &'a str,
}

impl<'a> Number<'a> {
    /// The number as it was written.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.text
    }

    /// The exact value, where it is written as a plain integer in range.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.text.parse().ok()
    }

    /// The exact value, where it is written as a plain integer in range.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The nearest value; exact up to 2^53 and, with a fraction, to 15 digits.
    ///
    /// The standard library's conversion is right to the last bit but weighs 10 KB in wasm.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        let digits = self.text.strip_prefix('-');
        let negative = digits.is_some();
        let mut mantissa: u64 = 0;
        let mut exponent: i32 = 0;
        let mut in_fraction = false;
        let mut bytes = digits.unwrap_or(self.text).bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'.' => in_fraction = true,
                b'e' | b'E' => {
                    exponent = exponent.saturating_add(small_int(&mut bytes));
                    break;
                }
                _ => {
                    let digit = u64::from(byte.wrapping_sub(b'0'));
                    let next = mantissa.checked_mul(10).and_then(|m| m.checked_add(digit));
                    match next {
                        Some(next) => {
                            mantissa = next;
                            exponent = exponent.saturating_sub(i32::from(in_fraction));
                        }
                        None => exponent = exponent.saturating_add(i32::from(!in_fraction)),
                    }
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "the nearest value is what was asked for")]
        let magnitude = scale(mantissa as f64, exponent);
        if negative { -magnitude } else { magnitude }
    }
}

fn small_int(bytes: &mut impl Iterator<Item = u8>) -> i32 {
    let mut negative = false;
    let mut value: i32 = 0;
    for byte in bytes {
        match byte {
            b'-' => negative = true,
            b'+' => {}
            _ => {
                let digit = i32::from(byte.wrapping_sub(b'0'));
                value = value.saturating_mul(10).saturating_add(digit);
            }
        }
    }
    if negative { value.saturating_neg() } else { value }
}

fn scale(mantissa: f64, exponent: i32) -> f64 {
    if mantissa == 0.0 {
        return 0.0;
    }
    let mut power = 1.0_f64;
    let mut base = 10.0_f64;
    let mut rest = exponent.unsigned_abs();
    while rest > 0 {
        if rest & 1 == 1 {
            power *= base;
        }
        base *= base;
        rest >>= 1;
    }
    if exponent < 0 { mantissa / power } else { mantissa * power }
}
