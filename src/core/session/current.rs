//! The session that this client holds, and when its tokens are due.

use super::backoff::Noise;
use super::clock::Clock;
use super::entry::Entry;
use super::input::Stamp;
use super::past::{Past, UNSETTLED};
use super::response::claims_json;
use super::settings::Settings;
use super::snapshot::EndReason;
use crate::core::json::Object;

/// How far ahead of this host's clock a stored instant may lie before the clock must be wrong.
pub(super) const TOLERATED: f64 = 5_000.0;

/// By how much a session may outlive its last access token, in milliseconds: ends are whole seconds.
const LAST: f64 = 1_500.0;

#[derive(Debug)]
pub(super) struct Current {
    pub(super) entry: Entry,
    pub(super) stamp: Stamp,
    /// The access token's claims, as JSON.
    pub(super) claims: Option<String>,
    pub(super) subject: Option<String>,
    /// When the entry was received.
    pub(super) received: Past,
    /// When the access token is over, in the machine's time.
    pub(super) expires_at: Option<f64>,
    /// When the session is over, in the machine's time.
    pub(super) ends_at: Option<f64>,
    /// How often the clocks had parted when that was known; nothing where it was read from storage.
    pub(super) jumps: Option<u32>,
    /// When the tokens are to be renewed, in the machine's time.
    pub(super) refresh_at: Option<f64>,
    /// What to add to the machine's time to get the wall clock's.
    wall: f64,
    /// Why there will be no other tokens.
    pub(super) refused: Option<EndReason>,
}

impl Current {
    /// Takes a session up.
    pub(super) fn new(
        entry: Entry,
        stamp: Stamp,
        clock: &Clock,
        settings: &Settings,
        noise: &mut Noise,
    ) -> Self {
        let (at, wall) = (clock.at(), clock.wall());
        let claims = claims_json(&entry.access_token);
        let subject = claims
            .as_deref()
            .and_then(|json| Object::parse(json.as_bytes())?.string("sub").map(String::from));
        let age = wall - entry.received_at;
        let life = entry.life.map(|seconds| seconds.max(0.0) * 1_000.0);
        // From the future: the clock was set back, so nobody knows the age, and the safe guess is
        // that the token is over.
        let left = life.map(|life| if age < -TOLERATED { 0.0 } else { life - age.max(0.0) });
        let lead = life.map_or(0.0, |life| {
            let lead = (settings.refresh_before_expiry * 1_000.0).min(life / 4.0);
            lead * (1.0 + noise.next() / 8.0)
        });
        let expires_at = left.map(|left| at + left);
        let ends_at = entry.session_ends_at.map(|end| at + (end - wall));
        // A token that lasts as long as the session is the last one.
        let is_last = expires_at.zip(ends_at).is_some_and(|(token, end)| token + LAST >= end);
        Self {
            stamp,
            claims,
            subject,
            received: Past::noted(clock, entry.received_at, UNSETTLED),
            expires_at,
            ends_at,
            jumps: None,
            refresh_at: expires_at.filter(|_| !is_last).map(|end| end - lead),
            wall: wall - at,
            refused: None,
            entry,
        }
    }

    /// Whether the access token lives at `at` and for `seconds` more; where none lives that long, for most of its life:
    /// else every wish for the impossible would be a refresh.
    pub(super) fn lives_for(&self, at: f64, seconds: f64) -> bool {
        let seconds = match self.entry.life {
            Some(life) if seconds > life => life.max(0.0) * 0.75,
            _ => seconds,
        };
        self.expires_at.is_none_or(|end| at < end && at + seconds * 1_000.0 <= end)
    }

    /// Whether the access token lives at `at`.
    pub(super) fn is_alive(&self, at: f64) -> bool {
        self.expires_at.is_none_or(|end| at < end)
    }

    /// Whether the tokens should be renewed by now.
    pub(super) fn is_due(&self, at: f64) -> bool {
        self.refresh_at.is_some_and(|due| at >= due)
    }

    /// The Unix seconds of the wall clock that `at` is.
    #[allow(clippy::cast_possible_truncation, reason = "it saturates")]
    pub(super) const fn unix(&self, at: f64) -> i64 {
        ((at + self.wall) / 1_000.0) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::session::clock::Now;
    use crate::core::session::token::Token;

    fn current(received_at: f64, life: Option<f64>) -> Current {
        let entry = Entry {
            login: "login".into(),
            generation: 1,
            attempt: "attempt".into(),
            access_token: Token::new("e30.eyJzdWIiOiJhbm4ifQ.AA".into()),
            refresh_token: None,
            received_at,
            moved: 0.0,
            life,
            session_id: None,
            session_ends_at: None,
            given: None,
            used: None,
        };
        let stamp = Stamp { session: 1, generation: 1 };
        let mut clock = Clock::default();
        for monotonic in [0.0, 50.0] {
            clock.observe(Now { wall: 1e12 - 50.0 + monotonic, monotonic });
        }
        Current::new(entry, stamp, &clock, &Settings::default(), &mut Noise::new(1))
    }

    #[test]
    fn a_fresh_token_is_renewed_a_minute_before_its_end_or_a_little_earlier() {
        let current = current(1e12, Some(300.0));
        assert_eq!(current.expires_at, Some(300_050.0));
        let due = current.refresh_at.unwrap();
        assert!((232_550.0..=240_050.0).contains(&due), "{due}");
        assert!(current.is_due(due) && !current.is_due(due - 1.0));
        assert_eq!(current.subject.as_deref(), Some("ann"));
    }

    #[test]
    fn a_short_life_is_renewed_in_its_last_quarter() {
        let due = current(1e12, Some(30.0)).refresh_at.unwrap();
        assert!((50.0 + 21_500.0..=50.0 + 22_500.0).contains(&due), "{due}");
    }

    #[test]
    fn a_stored_token_has_aged_and_one_from_the_future_is_over() {
        assert_eq!(current(1e12 - 100_000.0, Some(300.0)).expires_at, Some(200_050.0));
        assert!(current(1e12 + 1_000.0, Some(300.0)).is_alive(50.0));
        assert!(!current(1e12 + 3_600_000.0, Some(300.0)).is_alive(50.0));
    }

    #[test]
    fn more_life_than_any_token_has_is_asked_for_once_in_a_while() {
        let current = current(1e12, Some(300.0));
        assert!(current.lives_for(75_050.0, 301.0) && !current.lives_for(75_051.0, 301.0));
        assert!(!current.lives_for(51.0, 300.0), "what a new one has is had");
    }

    #[test]
    fn the_end_itself_is_too_late_and_an_unknown_end_is_none() {
        let known = current(1e12, Some(300.0));
        assert!(known.is_alive(300_049.0) && !known.is_alive(300_050.0));
        assert!(known.lives_for(50.0, 300.0) && !known.lives_for(51.0, 300.0));
        let unknown = current(1e12, None);
        assert!(unknown.is_alive(1e15) && !unknown.is_due(1e15));
    }
}
