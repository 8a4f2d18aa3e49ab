//! Keys that a server publishes: how long they count, when to ask again, and what holds meanwhile
//! ([RFC 9111], [RFC 5861]).
//!
//! A machine without clock and network: [`Remote::need`] and [`Remote::need_for`] say what to do,
//! and whoever fetches reports with [`Remote::asked`], [`Remote::answered`] and [`Remote::failed`].
//! Instants are Unix seconds.
//!
//! ```
//! use evertoken::core::token::remote::{Answer, Need, Remote, Settings};
//!
//! let mut remote = Remote::new(Settings::default());
//! assert_eq!(remote.need(0.0), Ok(Need::Fetch));
//! remote.asked(0.0);
//! let answer = Answer::new(200, br#"{"keys":[]}"#).cache_control("max-age=120");
//! let keys = remote.answered(&answer, 0.1)?;
//! assert!(keys.is_some_and(|keys| keys.keys().is_empty()));
//! assert_eq!(remote.need(119.0), Ok(Need::Nothing));
//! assert_eq!(remote.need(120.0), Ok(Need::Fetch));
//! # Ok::<(), evertoken::core::error::Error>(())
//! ```
//!
//! [RFC 9111]: https://www.rfc-editor.org/rfc/rfc9111
//! [RFC 5861]: https://www.rfc-editor.org/rfc/rfc5861

use super::compact::UntrustedToken;
use super::freshness::within;
pub use super::freshness::{Answer, is_trustworthy};
use super::jwks::KeySet;
use super::verifier::Verifier;
use crate::core::error::{Code, Error};

/// How long keys count and how often they are asked for, in seconds.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The life of keys whose server names none with `Cache-Control`.
    pub ttl: f64,
    /// The time between two fetches for the sake of a key that is not in the set.
    pub cooldown: f64,
    /// How long a fetch may take.
    pub timeout: f64,
    /// How long keys past their life serve while the server fails.
    pub stale_if_error: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { ttl: 600.0, cooldown: 30.0, timeout: 5.0, stale_if_error: 86_400.0 }
    }
}

/// What has to happen before a token can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "whoever fetches must know them all")]
pub enum Need {
    /// The keys at hand will do.
    Nothing,
    /// A fetch, to be waited for.
    Fetch,
    /// A fetch that nobody waits for: the keys at hand are stale, but will do.
    Retry,
    /// The end of the fetch that is under way.
    Wait,
}

/// The state of one remote set of keys.
#[derive(Clone, Debug)]
pub struct Remote {
    settings: Settings,
    held: Option<Held>,
    asked_at: Option<f64>,
    is_asking: bool,
    failure: Option<Failure>,
    missed: Vec<Missed>,
}

#[derive(Clone, Debug)]
struct Held {
    body: Vec<u8>,
    since: f64,
    lifetime: f64,
}

/// The last failure, and how long to leave the server alone after it.
#[derive(Clone, Debug)]
struct Failure {
    error: Error,
    at: f64,
    wait: f64,
}

/// A key that was asked for and not there.
#[derive(Clone, Debug)]
struct Missed {
    kid: String,
    at: f64,
    wait: f64,
}

/// No server may have its keys kept longer than that, in seconds, unless the setting `ttl` is longer.
const LONGEST_LIFE: f64 = 86_400.0;
/// How many missing keys are remembered.
const MOST_MISSED: usize = 32;
/// The longest name that is worth remembering.
const LONGEST_NAME: usize = 256;

impl Remote {
    /// No keys yet.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            held: None,
            asked_at: None,
            is_asking: false,
            failure: None,
            missed: Vec::new(),
        }
    }

    /// What has to happen before any token is verified at `now`.
    ///
    /// # Errors
    /// The last failure, with `retry_after`, where there are no keys and it is too early to ask again.
    pub fn need(&self, now: f64) -> Result<Need, Error> {
        if self.held.as_ref().is_some_and(|held| within(held.since, held.lifetime, now)) {
            return Ok(Need::Nothing);
        }
        let usable = self.is_usable(now);
        if usable && (self.is_retrying(now) || self.asks_for_long(now)) {
            return Ok(Need::Nothing);
        }
        if self.is_waited_for(now) {
            return Ok(Need::Wait);
        }
        match &self.failure {
            Some(_) if usable => Ok(Need::Retry),
            Some(failure) => failure.is_over(now).map(|()| Need::Fetch),
            None => Ok(Need::Fetch),
        }
    }

    /// What might help a token for which `verifier` has no key: [`Need::Nothing`] where nothing does.
    ///
    /// One fetch is for all missing keys. A key that was missing even after it has to wait
    /// `cooldown`, then twice that, and so on up to `ttl`.
    ///
    /// # Errors
    /// The last failure, where the server cannot say whether it has the key.
    pub fn need_for(&self, token: &str, verifier: &Verifier, now: f64) -> Result<Need, Error> {
        let Some(kid) = sought(token, verifier) else { return Ok(Need::Nothing) };
        if self.is_waited_for(now) {
            return Ok(Need::Wait);
        }
        if let Some(failure) = &self.failure {
            return failure.is_over(now).map(|()| Need::Fetch);
        }
        let recently = self.asked_at.is_some_and(|at| within(at, self.settings.cooldown, now));
        let is_missed = |missed: &Missed| missed.kid == kid && within(missed.at, missed.wait, now);
        let nothing = recently || self.missed.iter().any(is_missed);
        Ok(if nothing { Need::Nothing } else { Need::Fetch })
    }

    /// Takes note that a fetch begins.
    pub const fn asked(&mut self, now: f64) {
        self.asked_at = Some(now);
        self.is_asking = true;
    }

    /// Takes note that a fetch begins for the sake of this token.
    pub fn asked_for(&mut self, token: &str, verifier: &Verifier, now: f64) {
        self.asked(now);
        let Some(kid) = sought(token, verifier) else { return };
        let known = self.missed.iter().find(|missed| missed.kid == kid);
        let wait = known.map_or(self.settings.cooldown, |missed| missed.wait * 2.0);
        self.missed.retain(|missed| missed.kid != kid);
        if self.missed.len() >= MOST_MISSED {
            // Names that are made up by the thousand are no use to know.
            self.missed.clear();
        }
        self.missed.push(Missed { kid, at: now, wait: wait.min(self.settings.ttl) });
    }

    /// Takes in an answer and gives the keys, or `None` where they are those at hand.
    ///
    /// # Errors
    /// `ERR_JWKS_UNAVAILABLE` for a status other than 200, and what [`KeySet::published`] refuses.
    /// Like [`Remote::failed`], it leaves the keys at hand as they are.
    pub fn answered(&mut self, answer: &Answer<'_>, now: f64) -> Result<Option<KeySet>, Error> {
        self.read(answer, now).map_err(|error| self.failed(error, now))
    }

    fn read(&mut self, answer: &Answer<'_>, now: f64) -> Result<Option<KeySet>, Error> {
        if answer.status != 200 {
            return Err(REFUSED);
        }
        let known = self.held.take_if(|held| held.body == answer.body);
        let keys = match known {
            Some(_) => None,
            None => Some(KeySet::published(answer.body)?),
        };
        // From the asking on: what the server knew by then is the least that is known of its keys.
        let since = self.asked_at.unwrap_or(now);
        let lifetime = self.lifetime(answer);
        let body = known.map_or_else(|| answer.body.to_vec(), |held| held.body);
        self.held = Some(Held { body, since, lifetime });
        self.is_asking = false;
        self.failure = None;
        Ok(keys)
    }

    /// Takes note that a fetch failed, and gives the error for those who waited for it.
    pub fn failed(&mut self, error: Error, now: f64) -> Error {
        // At once, after 1 s, 2 s, 4 s …, and in the end as often as for a missing key.
        let most = self.settings.cooldown;
        let wait = self.failure.as_ref().map_or(0.0, |last| (last.wait * 2.0).max(1.0).min(most));
        self.is_asking = false;
        self.failure = Some(Failure { error: error.clone(), at: now, wait });
        error
    }

    /// Whether there are keys that may serve, fresh or not.
    #[must_use]
    pub fn is_usable(&self, now: f64) -> bool {
        let most = |held: &Held| held.lifetime + self.settings.stale_if_error;
        self.held.as_ref().is_some_and(|held| within(held.since, most(held), now))
    }

    /// Seconds for which a request waits on a fetch that is not its own.
    #[must_use]
    pub fn patience(&self) -> f64 {
        self.settings.timeout / 5.0
    }

    fn lifetime(&self, answer: &Answer<'_>) -> f64 {
        let Settings { ttl, cooldown, .. } = self.settings;
        let Some(given) = answer.lifetime() else { return ttl };
        given.max(cooldown.max(1.0).min(ttl)).min(LONGEST_LIFE.max(ttl))
    }

    fn is_asking_within(&self, length: f64, now: f64) -> bool {
        self.is_asking && self.asked_at.is_some_and(|at| within(at, length, now))
    }

    fn is_waited_for(&self, now: f64) -> bool {
        self.is_asking_within(self.patience(), now)
    }

    /// Whether a fetch takes longer than others wait, and may still be answered.
    fn asks_for_long(&self, now: f64) -> bool {
        !self.is_waited_for(now) && self.is_asking_within(self.settings.timeout, now)
    }

    /// Whether the server is known to fail and either was asked again or need not be yet.
    fn is_retrying(&self, now: f64) -> bool {
        let asks = self.is_asking_within(self.settings.timeout, now);
        self.failure.as_ref().is_some_and(|failure| asks || failure.is_over(now).is_err())
    }
}

impl Failure {
    fn is_over(&self, now: f64) -> Result<(), Error> {
        if !within(self.at, self.wait, now) {
            return Ok(());
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        let left = (self.at + self.wait - now).ceil() as u32;
        Err(self.error.clone().retry_after(left))
    }
}

/// The name of the key that the server might have by now; `None` where no new key would do.
fn sought(token: &str, verifier: &Verifier) -> Option<String> {
    let token = UntrustedToken::parse(token).ok()?;
    let header = token.header();
    let algorithm = header.algorithm.filter(|algorithm| !algorithm.is_symmetric())?;
    if verifier.policy.algorithms.as_ref().is_some_and(|allowed| !allowed.contains(&algorithm)) {
        return None;
    }
    let kid = header.kid.as_deref().unwrap_or_default();
    let is_known = verifier.keys.keys().iter().any(|key| key.kid.as_deref() == Some(kid));
    (!is_known && kid.len() <= LONGEST_NAME).then(|| String::from(kid))
}

const REFUSED: Error = Error::new(
    Code::JwksUnavailable,
    "the server of the keys did not answer with status 200; is keys.url right?",
);
