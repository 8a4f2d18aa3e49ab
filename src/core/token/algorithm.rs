//! The signature algorithms that tokens may name ([RFC 7518, section 3], [RFC 8037], [RFC 8812],
//! [RFC 9864], [RFC 9964]).
//!
//! [RFC 7518, section 3]: https://www.rfc-editor.org/rfc/rfc7518#section-3
//! [RFC 8037]: https://www.rfc-editor.org/rfc/rfc8037
//! [RFC 8812]: https://www.rfc-editor.org/rfc/rfc8812
//! [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864
//! [RFC 9964]: https://www.rfc-editor.org/rfc/rfc9964

macro_rules! algorithms {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// An algorithm that can be verified and signed with; `none` is not one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Algorithm { $($(#[doc = $doc])+ $variant,)+ }

        impl Algorithm {
            /// Every algorithm there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name as tokens and keys write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The algorithm of that name; names are case-sensitive.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

algorithms! {
    /// HMAC with SHA-256.
    Hs256 = "HS256",
    /// HMAC with SHA-384.
    Hs384 = "HS384",
    /// HMAC with SHA-512.
    Hs512 = "HS512",
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256 = "RS256",
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384 = "RS384",
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512 = "RS512",
    /// RSASSA-PSS with SHA-256.
    Ps256 = "PS256",
    /// RSASSA-PSS with SHA-384.
    Ps384 = "PS384",
    /// RSASSA-PSS with SHA-512.
    Ps512 = "PS512",
    /// ECDSA on P-256 with SHA-256.
    Es256 = "ES256",
    /// ECDSA on P-384 with SHA-384.
    Es384 = "ES384",
    /// ECDSA on P-521 with SHA-512.
    Es512 = "ES512",
    /// ECDSA on secp256k1 with SHA-256.
    Es256K = "ES256K",
    /// Ed25519, under the name of RFC 8037.
    EdDsa = "EdDSA",
    /// Ed25519, under the name of RFC 9864.
    Ed25519 = "Ed25519",
    /// ML-DSA of FIPS 204 in its smallest size.
    MlDsa44 = "ML-DSA-44",
    /// ML-DSA of FIPS 204 in its middle size.
    MlDsa65 = "ML-DSA-65",
    /// ML-DSA of FIPS 204 in its largest size.
    MlDsa87 = "ML-DSA-87",
}

impl Algorithm {
    /// Whether both names stand for one computation.
    #[must_use]
    pub fn same_as(self, other: Self) -> bool {
        self.canonical() == other.canonical()
    }

    /// Whether signer and verifier hold the same secret.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        self.secret_length().is_some()
    }

    /// The shortest secret it takes, in bytes: the length of its hash ([RFC 7518, section 3.2]);
    /// `None` where it takes none.
    ///
    /// [RFC 7518, section 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
    #[must_use]
    pub const fn secret_length(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 => Some(64),
            _ => None,
        }
    }

    const fn canonical(self) -> Self {
        match self {
            Self::EdDsa => Self::Ed25519,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back_and_nothing_else_is_one() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(*algorithm));
        }
        for name in ["none", "None", "nOnE", "NONE", "", "hs256", "ES256 ", "eddsa", "RS1"] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn eddsa_and_ed25519_are_one_computation() {
        assert!(Algorithm::EdDsa.same_as(Algorithm::Ed25519));
        assert!(!Algorithm::EdDsa.same_as(Algorithm::Es256));
    }
}
