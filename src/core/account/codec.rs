//! The refresh token: `rt1.<handle>.<session>.<generation>.<secret id>.<mac>`.
//!
//! Everything that can be known without the store is known here: whose record it belongs to, and
//! that we made it for this client. The last bytes are a plain checksum, which tells a damaged
//! token (never to be sent again) from one under a secret that this server has yet to learn.

use hmac_sha256::{HMAC, Hash};

use super::refusal::Refusal;
use crate::core::error::Error;
use crate::core::json::integer;
use crate::core::secret::{Secret, equal};
use crate::core::token::base64url;

/// The shortest secret, in bytes.
pub const MIN_SECRET: usize = 32;
/// The longest refresh token that is looked at, in bytes.
pub const MAX_LENGTH: usize = 160;
/// The longest client id, in bytes.
pub const MAX_CLIENT: usize = 255;

const PREFIX: &str = "rt1";
const HANDLE_BYTES: usize = 16;
const SESSION_BYTES: usize = 12;
const SECRET_ID_BYTES: usize = 6;
const MAC_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 5;
/// The seal of an attempt in base64url; its period follows.
const ATTEMPT_LENGTH: usize = 22;
/// The largest integer that every JSON reader keeps exact.
const MAX_GENERATION: u64 = (1 << 53) - 1;

/// The name of a subject's record: a truncated hash of issuer and subject.
#[must_use]
pub fn handle(issuer: &str, subject: &str) -> String {
    let mut hash = Hash::new();
    hash.update(b"evertoken account");
    hash.update((issuer.len() as u64).to_be_bytes());
    hash.update(issuer);
    hash.update(subject);
    base64url::encode(hash.finalize().get(..HANDLE_BYTES).unwrap_or_default())
}

/// The name of a session within its record.
#[must_use]
pub fn session_id(entropy: [u8; SESSION_BYTES]) -> String {
    base64url::encode(&entropy)
}

/// Takes a `sid` (`<handle>.<session>`) apart; `None` where it is none of ours.
#[must_use]
pub fn split_sid(sid: &str) -> Option<(&str, &str)> {
    let (handle, session) = sid.split_once('.')?;
    (is_encoded(handle, HANDLE_BYTES) && is_encoded(session, SESSION_BYTES))
        .then_some((handle, session))
}

/// A refresh token whose form is right, and nothing more.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    handle: String,
    session: String,
    generation: u64,
    signed: String,
    secret_id: String,
    mac: Vec<u8>,
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshToken").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl RefreshToken {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where it is not exactly what [`Secrets::mint`] writes.
    pub fn parse(token: &str) -> Result<Self, Refusal> {
        Self::read(token).ok_or(Refusal::Invalid)
    }

    /// One that carries all that is known of its session, and was checked.
    pub(super) fn carrying(handle: String, session: String, generation: u64) -> Self {
        let (signed, secret_id) = (String::new(), String::new());
        Self { handle, session, generation, signed, secret_id, mac: Vec::new() }
    }

    fn read(token: &str) -> Option<Self> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let (signed, seal) = token.rsplit_once('.')?;
        let mut seal = base64url::decode(seal)?;
        if seal.len() != MAC_BYTES.saturating_add(CHECKSUM_BYTES) {
            return None;
        }
        let checksum = seal.split_off(MAC_BYTES);
        if checksum != checksum_of(signed, &seal) {
            return None;
        }
        let mut parts = signed.split('.');
        let prefix = parts.next()?;
        let handle = parts.next().filter(|handle| is_encoded(handle, HANDLE_BYTES))?;
        let session = parts.next().filter(|session| is_encoded(session, SESSION_BYTES))?;
        let generation = generation(parts.next()?)?;
        let secret_id = parts.next().filter(|id| is_encoded(id, SECRET_ID_BYTES))?;
        if prefix != PREFIX || parts.next().is_some() {
            return None;
        }
        Some(Self {
            handle: String::from(handle),
            session: String::from(session),
            generation,
            signed: String::from(signed),
            secret_id: String::from(secret_id),
            mac: seal,
        })
    }

    /// Whose record it belongs to.
    #[must_use]
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// Which of the record's sessions it belongs to.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.session
    }

    /// Which of the session's tokens it is.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}

/// The secrets that refresh tokens are sealed with: the first seals, all open.
///
/// Without any, no token is made and none is ours.
#[derive(Debug, Default)]
pub struct Secrets {
    keys: Vec<Key>,
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) id: String,
    mac: Secret,
    /// For tokens that carry their session.
    pub(super) carrier: Secret,
}

impl Secrets {
    /// Derives what tokens are sealed with, each use under a label of its own.
    ///
    /// # Errors
    /// `ERR_OPTIONS` where there is none, or one is shorter than [`MIN_SECRET`].
    pub fn new(secrets: &[Secret]) -> Result<Self, Error> {
        if secrets.iter().any(|secret| secret.expose().len() < MIN_SECRET) {
            return Err(Error::option("secrets", "each secret must have at least 32 bytes"));
        }
        if secrets.is_empty() {
            let message = "refresh tokens need a secret: random, at least 32 bytes";
            return Err(Error::option("secrets", message));
        }
        Ok(Self { keys: secrets.iter().map(Key::derive).collect() })
    }

    /// The refresh token of one generation, the same one whenever it is asked for; empty where there
    /// is no secret.
    #[must_use]
    pub fn mint(&self, handle: &str, session: &str, generation: u64, client: &str) -> String {
        let Some(first) = self.first() else { return String::new() };
        let generation = generation.to_string();
        let signed = [PREFIX, handle, session, &generation, &first.id].join(".");
        let mut seal = first.seal(&signed, client);
        seal.extend(checksum_of(&signed, &seal));
        [&*signed, &*base64url::encode(&seal)].join(".")
    }

    /// The attempt that goes with a generation during one period of time; empty where there is no
    /// secret.
    #[must_use]
    pub fn attempt(&self, handle: &str, session: &str, generation: u64, period: i64) -> String {
        let first = self.first();
        first.map(|key| key.attempt(handle, session, generation, period)).unwrap_or_default()
    }

    /// The attempts of the periods before and after the one that this attempt is of, which are as
    /// good; `None` where it did not come from us, with this token.
    #[must_use]
    pub fn twins(&self, token: &RefreshToken, attempt: &str) -> Option<[String; 2]> {
        let period: i64 = attempt.get(ATTEMPT_LENGTH..)?.parse().ok()?;
        self.keys.iter().find_map(|key| {
            let of = |period| key.attempt(&token.handle, &token.session, token.generation, period);
            equal(of(period).as_bytes(), attempt.as_bytes())
                .then(|| [of(period.saturating_sub(1)), of(period.saturating_add(1))])
        })
    }

    /// Whether we made this token for this client.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], or [`Refusal::UnknownSecret`] where another server may know better.
    pub fn check(&self, token: &RefreshToken, client: &str) -> Result<(), Refusal> {
        let key = self.key(&token.secret_id)?;
        let genuine = equal(&key.seal(&token.signed, client), &token.mac);
        if genuine { Ok(()) } else { Err(Refusal::Invalid) }
    }

    /// The key that seals, if there is any.
    pub(super) fn first(&self) -> Option<&Key> {
        self.keys.first()
    }

    /// The key of this name, which another server may know before we do.
    pub(super) fn key(&self, id: &str) -> Result<&Key, Refusal> {
        let unknown = if self.keys.is_empty() { Refusal::Invalid } else { Refusal::UnknownSecret };
        self.keys.iter().find(|key| key.id == id).ok_or(unknown)
    }
}

impl Key {
    fn derive(secret: &Secret) -> Self {
        let id = HMAC::mac(b"evertoken rt1 secret id", secret.expose());
        let mac = HMAC::mac(b"evertoken rt1 mac", secret.expose());
        // One block of HKDF-Expand (RFC 5869, section 2.3).
        let carrier = HMAC::mac(b"evertoken rt+jwt\x01", secret.expose());
        Self {
            id: base64url::encode(id.get(..SECRET_ID_BYTES).unwrap_or_default()),
            mac: Secret::new(mac.to_vec()),
            carrier: Secret::new(carrier.to_vec()),
        }
    }

    fn attempt(&self, handle: &str, session: &str, generation: u64, period: i64) -> String {
        let (generation, mut time) = (generation.to_string(), String::new());
        integer(&mut time, period);
        let sealed = ["attempt", handle, session, &generation, &time].join(".");
        [base64url::encode(&self.seal(&sealed, "")), time].concat()
    }

    fn seal(&self, signed: &str, client: &str) -> Vec<u8> {
        let mut mac = HMAC::new(self.mac.expose());
        mac.update(signed);
        mac.update((client.len() as u64).to_be_bytes());
        mac.update(client);
        mac.finalize().get(..MAC_BYTES).unwrap_or_default().to_vec()
    }
}

pub(super) fn checksum_of(signed: &str, mac: &[u8]) -> Vec<u8> {
    let mut hash = Hash::new();
    hash.update(signed);
    hash.update(mac);
    hash.finalize().get(..CHECKSUM_BYTES).unwrap_or_default().to_vec()
}

fn is_encoded(text: &str, bytes: usize) -> bool {
    base64url::decode(text).is_some_and(|decoded| decoded.len() == bytes)
}

fn generation(text: &str) -> Option<u64> {
    let canonical = !text.starts_with(['0', '+']) && text.len() <= 16;
    let value = text.parse().ok().filter(|_| canonical)?;
    (value <= MAX_GENERATION).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets(bytes: &[u8]) -> Secrets {
        let all: Vec<_> = bytes.iter().map(|byte| Secret::new(vec![*byte; 32])).collect();
        Secrets::new(&all).unwrap()
    }

    fn minted(secrets: &Secrets, generation: u64, client: &str) -> String {
        secrets.mint(&handle("https://i", "ada"), &session_id([7; 12]), generation, client)
    }

    fn open(secrets: &Secrets, token: &str, client: &str) -> Result<RefreshToken, Refusal> {
        let token = RefreshToken::parse(token)?;
        secrets.check(&token, client).map(|()| token)
    }

    #[test]
    fn a_token_opens_for_its_client_only() {
        let secrets = secrets(&[1]);
        let token = minted(&secrets, 41, "web");
        assert!(token.len() < MAX_LENGTH);
        assert_eq!(open(&secrets, &token, "web").map(|token| token.generation()), Ok(41));
        assert_eq!(open(&secrets, &token, "we"), Err(Refusal::Invalid));
        assert_eq!(open(&secrets, &token, "app"), Err(Refusal::Invalid));
        assert_eq!(open(&secrets, &token, ""), Err(Refusal::Invalid));
    }

    #[test]
    fn any_changed_character_makes_it_invalid() {
        let secrets = secrets(&[1]);
        let token = minted(&secrets, 41, "web");
        for at in 0..token.len() {
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let changed = String::from_utf8_lossy(&bytes).into_owned();
                assert_eq!(open(&secrets, &changed, "web"), Err(Refusal::Invalid), "{changed}");
            }
            assert_eq!(open(&secrets, &token[..at], "web"), Err(Refusal::Invalid));
        }
        assert_eq!(open(&secrets, &[&*token, "A"].concat(), "web"), Err(Refusal::Invalid));
        assert_eq!(open(&secrets, &"A".repeat(1 << 20), "web"), Err(Refusal::Invalid));
    }

    #[test]
    fn secrets_rotate_in_two_steps_without_refusing_anybody() {
        let (old, both, new) = (secrets(&[1]), secrets(&[1, 2]), secrets(&[2, 1]));
        for minter in [&old, &both, &new] {
            let token = minted(minter, 1, "web");
            assert!(open(&both, &token, "web").is_ok());
            assert!(open(&new, &token, "web").is_ok());
        }
        let token = minted(&new, 1, "web");
        assert_eq!(open(&old, &token, "web"), Err(Refusal::UnknownSecret));
    }

    #[test]
    fn secrets_are_long_and_there_is_at_least_one() {
        assert!(Secrets::new(&[]).is_err());
        assert!(Secrets::new(&[Secret::new(vec![1; 31])]).is_err());
    }

    #[test]
    fn an_attempt_knows_its_neighbours_in_time_and_no_others() {
        let (old, new) = (secrets(&[1]), secrets(&[2, 1]));
        let token = RefreshToken::parse(&minted(&old, 41, "web")).unwrap();
        let of =
            |generation, period| old.attempt(token.handle(), token.session(), generation, period);
        for period in [0, 1, 105_882_352, i64::MAX - 1] {
            let attempt = of(41, period);
            let twins = Some([of(41, period - 1), of(41, period + 1)]);
            assert_eq!(old.twins(&token, &attempt), twins);
            assert_eq!(new.twins(&token, &attempt), twins, "a secret that was replaced");
            assert_eq!(secrets(&[2]).twins(&token, &attempt), None);
        }
        assert_eq!(old.twins(&token, &of(42, 7)), None, "another token's");
        let guess = [&of(41, 7)[..22], "8"].concat();
        for given in [&*guess, &"A".repeat(30), &"1".repeat(40), &"A".repeat(22), "é", ""] {
            assert_eq!(old.twins(&token, given), None, "{given}");
        }
    }

    #[test]
    fn issuer_and_subject_cannot_be_shifted_into_each_other() {
        assert_ne!(handle("https://i", "ada"), handle("https://ia", "da"));
    }

    #[test]
    fn a_sid_is_a_handle_and_a_session() {
        let sid = [handle("i", "s"), session_id([1; 12])].join(".");
        assert!(split_sid(&sid).is_some());
        assert_eq!(split_sid("a.b"), None);
        assert_eq!(split_sid(&[&*sid, "."].concat()), None);
    }

    proptest! {
        #[test]
        fn anything_at_all_is_answered(token in ".{0,200}", client in ".{0,8}") {
            prop_assert_eq!(open(&secrets(&[1]), &token, &client), Err(Refusal::Invalid));
        }
    }
}
