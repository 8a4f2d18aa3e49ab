//! The attempt: what proves that a repeated refresh comes from the one who asked the first time.

use hmac_sha256::Hash;

use crate::core::error::Error;

/// The hash of an attempt, which is all of it that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a number and nothing else")]
pub struct Tag(pub u64);

impl Tag {
    /// What is left of a tag once its generation is an older one.
    #[must_use]
    pub const fn short(self) -> u16 {
        // Truncation is the point: 16 bits tell a late duplicate from a thief well enough.
        (self.0 & 0xffff) as u16
    }
}

/// The attempt of one refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Attempt {
    /// Its hash.
    pub tag: Tag,
    /// The client gave none, so this one was drawn for the request alone.
    pub absent: bool,
    /// Those that the same requester may have been given at about the same time.
    twins: [Tag; 2],
}

impl Attempt {
    /// Reads what the client sent; where it sent nothing, the entropy stands in for it.
    ///
    /// # Errors
    /// `ERR_OPTIONS` naming `attempt`, where it is not 22 to 64 base64url characters.
    pub fn new(session: &str, given: Option<&str>, entropy: [u8; 16]) -> Result<Self, Error> {
        let Some(given) = given else {
            return Ok(Self::alone(tag(session, &entropy), true));
        };
        if !Self::fits(given) {
            return Err(Error::option("attempt", "an attempt is 22 to 64 base64url characters"));
        }
        Ok(Self::alone(tag(session, given.as_bytes()), false))
    }

    const fn alone(tag: Tag, absent: bool) -> Self {
        Self { tag, absent, twins: [tag; 2] }
    }

    /// The same, which may go by these other names too.
    #[must_use]
    pub fn with_twins(self, session: &str, twins: &[String; 2]) -> Self {
        Self { twins: twins.each_ref().map(|twin| tag(session, twin.as_bytes())), ..self }
    }

    /// Whether any name of it is among those.
    pub fn is_any(&self, mut among: impl FnMut(Tag) -> bool) -> bool {
        let Self { tag, twins: [one, other], .. } = *self;
        among(tag) || among(one) || among(other)
    }

    /// Whether a text is as attempts are: 22 to 64 base64url characters.
    #[must_use]
    pub fn fits(text: &str) -> bool {
        let encoded = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (22..=64).contains(&text.len()) && text.bytes().all(encoded)
    }
}

fn tag(session: &str, attempt: &[u8]) -> Tag {
    let mut hash = Hash::new();
    hash.update(b"evertoken attempt");
    hash.update(session);
    hash.update(attempt);
    let digest = hash.finalize();
    Tag(digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_random_enough_or_refused() {
        let of = |given: &str| Attempt::new("s", Some(given), [0; 16]);
        assert!(of(&"a".repeat(22)).is_ok());
        assert!(of(&"-".repeat(64)).is_ok());
        for wrong in ["", &"a".repeat(21), &"a".repeat(65), &"a b".repeat(10), &"é".repeat(20)] {
            assert_eq!(of(wrong).unwrap_err().detail().option.as_deref(), Some("attempt"));
        }
    }

    #[test]
    fn twins_are_as_good_as_the_attempt_itself() {
        let of = |given: &str| Attempt::new("s", Some(given), [0; 16]).unwrap();
        let names = ["a", "b", "c", "d"].map(|letter| letter.repeat(22));
        let [own, one, other, stranger] = names.each_ref().map(|name| of(name));
        let twin = own.with_twins("s", &[names[1].clone(), names[2].clone()]);
        assert_eq!(twin.tag, own.tag);
        let knows = |attempt: &Attempt, known: Tag| attempt.is_any(|tag| tag == known);
        assert!([own, one, other].iter().all(|known| knows(&twin, known.tag)));
        assert!(!knows(&twin, stranger.tag) && !knows(&own, one.tag));
    }

    #[test]
    fn equal_attempts_of_one_session_have_equal_tags() {
        let of = |session, given| Attempt::new(session, given, [1; 16]).unwrap();
        let text = "a".repeat(22);
        assert_eq!(of("s", Some(&text)), of("s", Some(&text)));
        assert_ne!(of("s", Some(&text)).tag, of("t", Some(&text)).tag);
        assert!(of("s", None).absent);
    }
}
