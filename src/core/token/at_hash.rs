//! Which access token an ID token came with ([OpenID Connect Core 1.0, section 3.1.3.6]).
//!
//! [OpenID Connect Core 1.0, section 3.1.3.6]: https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken

use super::algorithm::Algorithm;
use super::base64url;
use crate::core::secret::Secret;

/// What `at_hash` must be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AtHash {
    /// The hash of this access token, which has yet to be computed: nothing passes until it is.
    Of(Secret),
    /// This text.
    Is(String),
}

impl AtHash {
    /// The `at_hash` that belongs to an access token.
    #[must_use]
    pub fn of(access_token: String) -> Self {
        Self::Of(Secret::new(access_token.into_bytes()))
    }

    /// The left half of a digest, as tokens write it.
    #[must_use]
    pub fn from_digest(digest: &[u8]) -> Self {
        let (left, _) = digest.split_at(digest.len() / 2);
        Self::Is(base64url::encode(left))
    }
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHAKE256, of which 64 bytes are taken.
    Shake256,
}

impl Hash {
    /// The hash function that an algorithm signs with, which is the one that `at_hash` is made with.
    ///
    /// Ed25519 has SHA-512 built in. The standard is silent on ML-DSA, whose own hash function
    /// is SHAKE256, with as many bytes as it takes of a message ([FIPS 204, section 6.2]).
    ///
    /// [FIPS 204, section 6.2]: https://doi.org/10.6028/NIST.FIPS.204
    #[must_use]
    pub const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Hs256
            | Algorithm::Rs256
            | Algorithm::Ps256
            | Algorithm::Es256
            | Algorithm::Es256K => Self::Sha256,
            Algorithm::Hs384 | Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => {
                Self::Sha384
            }
            Algorithm::Hs512
            | Algorithm::Rs512
            | Algorithm::Ps512
            | Algorithm::Es512
            | Algorithm::EdDsa
            | Algorithm::Ed25519 => Self::Sha512,
            Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => Self::Shake256,
        }
    }
}
