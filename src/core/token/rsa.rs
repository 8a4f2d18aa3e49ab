//! RSA keys as JSON ([RFC 7518, section 6.3]), and which of them are strong enough ([section 3.3]).
//!
//! [RFC 7518, section 6.3]: https://www.rfc-editor.org/rfc/rfc7518#section-6.3
//! [section 3.3]: https://www.rfc-editor.org/rfc/rfc7518#section-3.3

use super::base64url;
use super::member::{bytes, invalid};
use crate::core::error::Error;
use crate::core::json::{Object, Writer};
use crate::core::secret::Secret;

/// The shortest modulus, in bits.
const MIN_BITS: usize = 2048;
/// The longest that every host computes with.
const MAX_BITS: usize = 8192;
/// The exponents that every host computes with have no more bytes than this.
const MAX_EXPONENT: usize = 4;

/// The members of the private part, in the order of [`RsaKey`]'s.
const PRIVATE: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

/// An RSA key: big-endian numbers without leading zeros.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RsaKey {
    /// The modulus.
    pub n: Vec<u8>,
    /// The public exponent.
    pub e: Vec<u8>,
    private: Option<Box<[Secret; 6]>>,
}

impl RsaKey {
    pub(super) fn read(object: &Object<'_>) -> Result<Self, Error> {
        let n = number(bytes(object, "n")?);
        let e = number(bytes(object, "e")?);
        let bits = bits(&n);
        if bits < MIN_BITS {
            return Err(
                invalid("an RSA key must have 2048 bits or more: make a new one").claim("n")
            );
        }
        if bits > MAX_BITS || !is_odd(&n) {
            return Err(invalid("the modulus is even, or longer than 8192 bits").claim("n"));
        }
        if e.len() > MAX_EXPONENT || !is_odd(&e) || e == [1] {
            return Err(invalid("the exponent must be an odd number from 3 to 2^32").claim("e"));
        }
        Ok(Self { n, e, private: private(object)? })
    }

    pub(super) const fn is_private(&self) -> bool {
        self.private.is_some()
    }

    pub(super) fn write_public(&self, json: &mut Writer) {
        json.string("e", &base64url::encode(&self.e)).string("kty", "RSA");
        json.string("n", &base64url::encode(&self.n));
    }

    pub(super) fn write_private(&self, json: &mut Writer) {
        for (name, secret) in PRIVATE.iter().zip(self.private.iter().flat_map(|all| all.iter())) {
            json.string(name, &base64url::encode(secret.expose()));
        }
    }
}

fn private(object: &Object<'_>) -> Result<Option<Box<[Secret; 6]>>, Error> {
    if PRIVATE.iter().all(|name| object.get(name).is_none()) {
        return Ok(None);
    }
    if object.get("oth").is_some() {
        return Err(invalid("RSA keys of more than two primes are no good here").claim("oth"));
    }
    let part = |name| bytes(object, name).map(|part| Secret::new(number(part)));
    let [d, p, q, dp, dq, qi] = PRIVATE;
    let all = [part(d)?, part(p)?, part(q)?, part(dp)?, part(dq)?, part(qi)?];
    Ok(Some(Box::new(all)))
}

/// The number in as few bytes as it takes: hosts differ about leading zeros.
fn number(mut bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.rotate_left(zeros);
    bytes.truncate(bytes.len().saturating_sub(zeros));
    bytes
}

fn bits(number: &[u8]) -> usize {
    let spare = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len().saturating_mul(8).saturating_sub(spare)
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last & 1 == 1)
}
