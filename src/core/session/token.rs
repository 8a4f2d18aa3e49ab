//! Tokens as opaque texts that cannot be printed by accident.

use std::fmt;

/// An access or refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The token itself, for the request or the store that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Tells this token from others, as far as there is no reason to mistake them on purpose (FNV-1a).
    pub(super) fn fingerprint(&self) -> i64 {
        let step = |hash: i64, byte| (hash ^ i64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.0.bytes().fold(-0x340d_631b_7bdd_dcdb, step)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Random bytes for one new generation; whoever gives them takes them from a secure source.
#[derive(Clone)]
#[allow(clippy::exhaustive_structs, reason = "it is bytes and stays bytes")]
pub struct Entropy(pub [u8; 32]);

impl Entropy {
    /// Names this refresh to the server: 22 characters.
    pub(super) fn attempt(&self) -> String {
        name(self.0.first_chunk())
    }

    /// Names this sign-in in storage.
    pub(super) fn login(&self) -> String {
        name(self.0.last_chunk())
    }
}

fn name(half: Option<&[u8; 16]>) -> String {
    half.map_or_else(String::new, |half| crate::core::token::base64url::encode(half))
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_printed() {
        let token = Token::new(String::from("s3cret"));
        assert_eq!(format!("{token:?} {:?}", Entropy([115; 32])), "Token Entropy");
    }

    #[test]
    fn fingerprints_are_those_of_fnv_1a() {
        let of = |text| Token::new(String::from(text)).fingerprint().cast_unsigned();
        assert_eq!(of(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(of("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn names_are_22_characters_and_differ() {
        let mut bytes = [1; 32];
        bytes[31] = 2;
        let entropy = Entropy(bytes);
        assert_eq!(entropy.attempt().len(), 22);
        assert_ne!(entropy.attempt(), entropy.login());
    }
}
