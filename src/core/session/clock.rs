//! Elapsed time from two clocks, neither of which can be trusted alone.
//!
//! The monotonic clock stands still while some systems sleep, the wall clock can be set. Elapsed
//! time is the larger of what the two say: a token may be thought older than it is, never younger.

/// What the host's clocks say, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "there are two clocks")]
pub struct Now {
    /// Since 1970, as `Date.now()`.
    pub wall: f64,
    /// Since whenever, never set back, as `performance.now()`.
    pub monotonic: f64,
}

/// How far the clocks may part before it counts as a jump or a sleep; rounding stays far below.
const JUMP: f64 = 2_000.0;

/// The machine's own time: milliseconds since it was first told the time; it never runs backwards.
#[derive(Debug, Default)]
pub(super) struct Clock {
    anchor: Option<Now>,
    /// The machine's time at `anchor`.
    base: f64,
    at: f64,
    wall: f64,
    jumps: u32,
    ahead: f64,
    back: f64,
    set_back: bool,
}

impl Clock {
    /// Takes a reading and gives the machine's time.
    pub(super) fn observe(&mut self, now: Now) -> f64 {
        if !now.wall.is_finite() || !now.monotonic.is_finite() {
            return self.at;
        }
        self.wall = now.wall;
        let Some(anchor) = self.anchor else {
            self.anchor = Some(now);
            return self.at;
        };
        let by_wall = now.wall - anchor.wall;
        let by_monotonic = now.monotonic - anchor.monotonic;
        self.at = self.at.max(self.base + by_wall.max(by_monotonic));
        // Parted clocks are taken as they are from here on: else what one has lost would hide the
        // next sleep of the other.
        if (by_wall - by_monotonic).abs() > JUMP {
            self.anchor = Some(now);
            self.base = self.at;
            self.jumps = self.jumps.wrapping_add(1);
            self.ahead += (by_wall - by_monotonic).max(0.0);
            self.back += (by_monotonic - by_wall).max(0.0);
            self.set_back |= by_wall < by_monotonic;
        }
        self.at
    }

    /// The machine's time at the last reading.
    pub(super) const fn at(&self) -> f64 {
        self.at
    }

    /// How often the clocks parted, by a sleep or a setting.
    pub(super) const fn jumps(&self) -> u32 {
        self.jumps
    }

    /// How far the wall clock has gone ahead alone: over sleeps, or because it was set.
    pub(super) const fn ahead(&self) -> f64 {
        self.ahead
    }

    /// By how much it was set back, if the other one did not sleep meanwhile.
    pub(super) const fn back(&self) -> f64 {
        self.back
    }

    /// When the clocks parted last, in the machine's time: at its beginning nobody knows for how long they had agreed.
    pub(super) const fn parted_at(&self) -> f64 {
        self.base
    }

    /// Whether the wall clock was set back since `was_set_back` was last asked.
    pub(super) const fn is_set_back(&self) -> bool {
        self.set_back
    }

    /// Whether the wall clock was set back since this was last asked.
    pub(super) const fn was_set_back(&mut self) -> bool {
        std::mem::replace(&mut self.set_back, false)
    }

    /// The wall clock at the last reading.
    pub(super) const fn wall(&self) -> f64 {
        self.wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(clock: &mut Clock, wall: f64, monotonic: f64) -> f64 {
        clock.observe(Now { wall, monotonic })
    }

    #[test]
    fn sleep_counts_although_the_monotonic_clock_stood_still() {
        let mut clock = Clock::default();
        read(&mut clock, 1e12, 5.0);
        assert_eq!(read(&mut clock, 1e12 + 3_600_000.0, 10.0), 3_600_000.0);
    }

    #[test]
    fn time_goes_on_although_the_wall_clock_was_set_back_and_the_next_sleep_is_still_seen() {
        let mut clock = Clock::default();
        read(&mut clock, 1e12, 0.0);
        assert_eq!(read(&mut clock, 1e12 - 3_600_000.0, 1_000.0), 1_000.0);
        assert!(clock.was_set_back() && !clock.was_set_back());
        assert_eq!(read(&mut clock, 1e12 - 3_000_000.0, 1_000.0), 601_000.0);
        assert!(!clock.was_set_back());
    }

    #[test]
    fn rounding_of_two_clocks_does_not_add_up() {
        let mut clock = Clock::default();
        let mut at = 0.0;
        for tenth in 0..100_000 {
            let exact = f64::from(tenth) / 10.0;
            at = read(&mut clock, 1e12 + exact.floor(), exact);
        }
        assert!((at - 9_999.9).abs() < 1.0, "{at}");
    }

    #[test]
    fn a_reading_that_is_no_number_changes_nothing() {
        let mut clock = Clock::default();
        read(&mut clock, 1e12, 0.0);
        read(&mut clock, 1e12 + 7.0, 7.0);
        assert_eq!(read(&mut clock, f64::NAN, 9.0), 7.0);
    }
}
