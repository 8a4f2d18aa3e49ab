//! The signature algorithms that tokens may name ([RFC 7518, section 3], [RFC 8037], [RFC 9864]).
//!
//! [RFC 7518, section 3]: https://www.rfc-editor.org/rfc/rfc7518#section-3
//! [RFC 8037]: https://www.rfc-editor.org/rfc/rfc8037
//! [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864

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
    /// ECDSA on P-256 with SHA-256.
    Es256 = "ES256",
    /// Ed25519, under the name of RFC 8037.
    EdDsa = "EdDSA",
    /// Ed25519, under the name of RFC 9864.
    Ed25519 = "Ed25519",
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
        matches!(self, Self::Hs256)
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
        for name in ["none", "None", "nOnE", "NONE", "", "hs256", "ES256 ", "eddsa"] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn eddsa_and_ed25519_are_one_computation() {
        assert!(Algorithm::EdDsa.same_as(Algorithm::Ed25519));
        assert!(!Algorithm::EdDsa.same_as(Algorithm::Es256));
    }
}
