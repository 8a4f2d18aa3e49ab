//! RSA verified in Rust, with the crate that jwt-simple verifies with.
//!
//! Verifying alone: private-key work in software is open to timing attacks (RUSTSEC-2023-0071).

use superboring::bn::BigNum;
use superboring::hash::MessageDigest;
use superboring::pkey::{PKey, Public};
use superboring::rsa::{Padding, Rsa};
use superboring::sign::{RsaPssSaltlen, Verifier};

use crate::core::error::{Code, Error};
use crate::core::token::algorithm::Algorithm;
use crate::core::token::jwk::RsaKey;

/// A public key for one algorithm.
#[derive(Clone, Debug)]
pub(super) struct VerifyingKey {
    key: PKey<Public>,
    digest: fn() -> MessageDigest,
    padding: Padding,
}

impl VerifyingKey {
    pub(super) fn new(key: &RsaKey, algorithm: Algorithm) -> Result<Self, Error> {
        let (digest, padding): (fn() -> MessageDigest, _) = match algorithm {
            Algorithm::Rs256 => (MessageDigest::sha256, Padding::PKCS1),
            Algorithm::Rs384 => (MessageDigest::sha384, Padding::PKCS1),
            Algorithm::Rs512 => (MessageDigest::sha512, Padding::PKCS1),
            Algorithm::Ps256 => (MessageDigest::sha256, Padding::PKCS1_PSS),
            Algorithm::Ps384 => (MessageDigest::sha384, Padding::PKCS1_PSS),
            _ => (MessageDigest::sha512, Padding::PKCS1_PSS),
        };
        let number = |bytes| BigNum::from_slice(bytes).map_err(|_| TOO_LONG);
        let key = Rsa::from_public_components(number(&key.n)?, number(&key.e)?);
        let key = PKey::from_rsa(key.map_err(|_| TOO_LONG)?).map_err(|_| TOO_LONG)?;
        Ok(Self { key, digest, padding })
    }

    pub(super) fn verify(&self, input: &[u8], signature: &[u8]) -> bool {
        // The salt of a JWS is as long as its hash (RFC 7518, section 3.5), which is −1 here.
        Verifier::new((self.digest)(), &self.key).is_ok_and(|mut verifier| {
            verifier.set_rsa_padding(self.padding).is_ok()
                && verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(-1)).is_ok()
                && verifier.verify_oneshot(signature, input).unwrap_or(false)
        })
    }
}

const TOO_LONG: Error = Error::new(
    Code::NotSupported,
    "RSA keys of more than 4096 bits are computed by the host alone; await verify()",
);
