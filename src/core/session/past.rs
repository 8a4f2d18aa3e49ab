//! When something was, as far as the clocks can tell. A device that slept and a wall clock that was set forward look alike
//! from here; a server that says how much of the session is left tells which it was.

use super::clock::Clock;

/// No answer of a server since this tab began has told how long it really was.
pub(super) const UNSETTLED: f64 = f64::NEG_INFINITY;

/// An instant of the past, in the machine's time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past {
    pub(super) at: f64,
    /// How much of the time before it was heard of went by while nobody was here, or the clocks had not parted yet.
    unseen: f64,
    /// By how much the wall clock had gone ahead alone until then, and by how much it had been set back when this was last
    /// looked at.
    ahead: f64,
    back: f64,
    /// How much of what it went ahead by since then was a jump, as it was taken back.
    taken_back: f64,
}

impl Past {
    pub(super) fn now(clock: &Clock) -> Self {
        let (ahead, back) = (clock.ahead(), clock.back());
        Self { at: clock.at(), ahead, back, ..Self::default() }
    }

    /// What this time of the wall clock was noted of; the future is now.
    pub(super) fn noted(clock: &Clock, wall: f64, settled_at: f64) -> Self {
        let at = clock.at() - (clock.wall() - wall).max(0.0);
        let parted_at = clock.parted_at();
        let unseen = if settled_at < parted_at { (parted_at - at).max(0.0) } else { 0.0 };
        Self { at, unseen, ..Self::now(clock) }
    }

    /// An instant that was then for sure.
    pub(super) fn learned(clock: &Clock, at: f64) -> Self {
        Self { at, ..Self::now(clock) }
    }

    /// When it was as far as anybody knows, which is what is noted: without a jump forward that was taken back.
    pub(super) fn known_at(&self) -> f64 {
        self.at + self.taken_back
    }

    /// The wall clock was set back, by which a jump forward before it is taken back, and no sleep after it.
    pub(super) fn take_back(&mut self, clock: &Clock) {
        let unsure = self.unsure(clock) - self.taken_back;
        self.taken_back += (clock.back() - self.back).min(unsure);
        self.back = clock.back();
    }

    /// Whether the wall clock was set back since this was last looked at.
    pub(super) fn was_before_a_setting_back(&self, clock: &Clock) -> bool {
        clock.back() > self.back
    }

    /// How much of the time since then may not have passed.
    pub(super) fn unsure(&self, clock: &Clock) -> f64 {
        self.unsure_until(&Self::now(clock))
    }

    pub(super) fn unsure_until(&self, later: &Self) -> f64 {
        let since = (later.at - self.at).max(0.0);
        (self.unseen + (later.ahead - self.ahead)).max(0.0).min(since)
    }
}
