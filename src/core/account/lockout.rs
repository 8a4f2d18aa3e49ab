//! Guesses at a password: so many within a while, and then none until a lockout is over.
//!
//! An attempt is counted before anybody knows whether it fails, so that guesses made at once are
//! counted one by one; whoever succeeds starts anew.

use hmac_sha256::Hash;

use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value, Writer};
use crate::core::token::base64url;

/// Seconds by which the clocks of edge servers may differ.
const CLOCKS: i64 = 60;

/// How many attempts, in how many seconds, and for how many seconds none is taken after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "three options")]
pub struct Bounds {
    /// This many.
    pub limit: usize,
    /// Within this many seconds.
    pub window: i64,
    /// None for this many seconds.
    pub lockout: i64,
}

/// What is remembered about one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// When each was counted.
    at: Vec<i64>,
    /// None is taken until then.
    until: i64,
}

/// What becomes of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an answer")]
pub enum Taken {
    /// It may be made, once it is written down.
    Counted,
    /// It is one too many, which is written down first.
    LockedNow,
    /// It comes within a lockout; nothing changes.
    Locked,
}

/// The name in the store for a key, which may be somebody's address: nothing of it is in there.
#[must_use]
pub fn name(key: &str) -> String {
    let mut hash = Hash::new();
    hash.update(b"evertoken attempts");
    hash.update(key);
    ["attempts.", &*base64url::encode(&hash.finalize())].concat()
}

impl Attempts {
    /// Counts one attempt, or refuses it.
    pub fn take(&mut self, bounds: Bounds, now: i64) -> Taken {
        if self.left(bounds, now) > 0 {
            return Taken::Locked;
        }
        // What a clock far ahead of this one wrote counts for nobody.
        let counts = |at: &i64| (-CLOCKS..bounds.window).contains(&now.saturating_sub(*at));
        self.at.retain(counts);
        if self.at.len() >= bounds.limit {
            self.at.clear();
            self.until = now.saturating_add(bounds.lockout);
            return Taken::LockedNow;
        }
        self.at.push(now);
        Taken::Counted
    }

    /// The refusal of an attempt within a lockout, with the seconds until it is over.
    #[must_use]
    pub fn refusal(&self, bounds: Bounds, now: i64) -> Error {
        let seconds = self.left(bounds, now).clamp(1, bounds.lockout.max(1));
        TOO_MANY.retry_after(u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    fn left(&self, bounds: Bounds, now: i64) -> i64 {
        let left = self.until.saturating_sub(now);
        if left > bounds.lockout.saturating_add(CLOCKS) { 0 } else { left }
    }

    /// When the store may forget it.
    #[must_use]
    pub fn expires_at(&self, bounds: Bounds) -> i64 {
        let last = self.at.iter().max().map_or(0, |at| at.saturating_add(bounds.window));
        last.max(self.until)
    }

    /// The record's text.
    #[must_use]
    pub fn write(&self) -> String {
        let mut json = Writer::new();
        json.int("until", self.until).array("at", self.at.iter().map(ToString::to_string));
        json.finish()
    }

    /// Reads a record.
    ///
    /// # Errors
    /// `ERR_STORE` where it is damaged.
    pub fn read(text: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or(DAMAGED)
    }

    fn parse(text: &str) -> Option<Self> {
        let object = Object::parse(text.as_bytes())?;
        let instant = |value: &Value<'_>| value.as_number()?.as_i64();
        let at = object.get("at")?.as_array()?.iter().map(instant).collect::<Option<_>>()?;
        Some(Self { at, until: instant(object.get("until")?)? })
    }
}

/// Too many of them, as whoever makes them hears it.
pub const TOO_MANY: Error =
    Error::new(Code::TooManyAttempts, "too many attempts; try again in retryAfter seconds");
const DAMAGED: Error = Error::new(
    Code::Store,
    "the store gave a count of attempts that is damaged; reset() of this key clears it",
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOUNDS: Bounds = Bounds { limit: 5, window: 300, lockout: 900 };

    fn after(times: &[i64]) -> Attempts {
        let mut attempts = Attempts::default();
        for now in times {
            attempts.take(BOUNDS, *now);
        }
        attempts
    }

    fn wait(attempts: &Attempts, now: i64) -> Option<u32> {
        attempts.refusal(BOUNDS, now).detail().retry_after
    }

    #[test]
    fn i19_the_sixth_within_the_window_locks() {
        let mut attempts = after(&[1000, 1060, 1120, 1180, 1240]);
        assert_eq!(attempts.take(BOUNDS, 1299), Taken::LockedNow);
        assert_eq!(wait(&attempts, 1299), Some(900));
        assert_eq!(attempts.take(BOUNDS, 1300), Taken::Locked);
        assert_eq!(wait(&attempts, 2198), Some(1));
        assert_eq!(attempts.take(BOUNDS, 2198), Taken::Locked, "and no longer for having asked");
        assert_eq!(attempts.take(BOUNDS, 2199), Taken::Counted);
    }

    #[test]
    fn the_window_slides() {
        let mut attempts = after(&[1000, 1060, 1120, 1180, 1240]);
        assert_eq!(attempts.take(BOUNDS, 1300), Taken::Counted, "the first one is out of it");
        assert_eq!(attempts.take(BOUNDS, 1301), Taken::LockedNow);
    }

    #[test]
    fn i27_clocks_that_differ_free_nobody_and_lock_nobody_for_ever() {
        let mut attempts = after(&[1030, 1030, 1030, 1030, 1030, 1030]);
        assert_eq!(attempts.take(BOUNDS, 1000), Taken::Locked, "30 s behind");
        assert_eq!(wait(&attempts, 1000), Some(900));
        let mut attempts = after(&[1030; 5]);
        assert_eq!(attempts.take(BOUNDS, 1000), Taken::LockedNow);
        assert_eq!(after(&[9_000_000; 6]).take(BOUNDS, 1000), Taken::Counted);
        assert_eq!(after(&[9_000_000; 5]).take(BOUNDS, 1000), Taken::Counted);
    }

    #[test]
    fn the_store_keeps_it_as_long_as_it_counts() {
        assert_eq!(after(&[1000, 1010]).expires_at(BOUNDS), 1310);
        assert_eq!(after(&[1000; 6]).expires_at(BOUNDS), 1900);
    }

    #[test]
    fn a_name_tells_nothing_of_its_key() {
        assert_eq!(name("ada@example.com").len(), "attempts.".len() + 43);
        assert!(!name("ada@example.com").contains("ada"));
        assert_ne!(name("a"), name("b"));
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(times in prop::collection::vec(any::<i64>(), 0..9)) {
            let attempts = after(&times);
            prop_assert_eq!(Attempts::read(&attempts.write()), Ok(attempts));
        }

        #[test]
        fn anything_at_all_is_answered(text in ".{0,80}", now: i64) {
            if let Ok(mut attempts) = Attempts::read(&text) {
                attempts.take(BOUNDS, now);
            }
        }
    }
}
