//! When a session was last used, as far as the clocks can tell. A device that slept and a wall clock that was set forward
//! look alike from here; a server that says how much of the session is left tells which it was.

use super::clock::Clock;
use super::entry::Entry;
use super::hold::PATIENCE;
use super::machine::Machine;

/// By how much the time between two answers may be misjudged, in milliseconds: the clocks of a server's instances differ by
/// half a minute to either side, and an answer takes its time.
const SLACK: f64 = 80_000.0;

/// A last use, in the machine's time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastUse {
    pub(super) at: f64,
    /// How much of the time before it was heard of went by while nobody was here, or the clocks had not parted yet.
    unseen: f64,
    /// By how much the wall clock had gone ahead alone until then.
    ahead: f64,
}

impl LastUse {
    pub(super) const fn now(clock: &Clock) -> Self {
        Self { at: clock.at(), unseen: 0.0, ahead: clock.ahead() }
    }

    /// The use of which this time of the wall clock was noted; the future is now.
    pub(super) const fn noted(clock: &Clock, wall: f64, settled_at: f64) -> Self {
        let at = clock.at() - (clock.wall() - wall).max(0.0);
        let parted_at = clock.parted_at();
        let unseen = if settled_at < parted_at { (parted_at - at).max(0.0) } else { 0.0 };
        Self { at, unseen, ahead: clock.ahead() }
    }

    /// How much of the time since then may not have passed.
    const fn unsure(&self, clock: &Clock) -> f64 {
        self.unsure_until(&Self::now(clock))
    }

    const fn unsure_until(&self, later: &Self) -> f64 {
        (self.unseen + (later.ahead - self.ahead)).min(later.at - self.at)
    }
}

impl Machine {
    /// When the session is over for want of use, if all the time that seems to have passed since then did.
    pub(super) fn idle_end(&self) -> Option<f64> {
        let life = self.idle_life()?;
        let unsure = self.ends.last_use.unsure(&self.clock);
        // What no answer could tell apart has not passed.
        let spared = if unsure > SLACK { 0.0 } else { unsure };
        Some(self.ends.last_use.at + life + spared)
    }

    /// Whether nobody has used the session for too long, for all that can be known.
    pub(super) fn is_idle(&self) -> bool {
        let at = self.clock.at();
        self.seems_idle() && !self.asks_for_use() && at >= self.ends.patient_until
    }

    /// Whether the session is not to be used before the server, or another tab, has said when it was used.
    pub(super) fn may_be_idle(&self) -> bool {
        self.seems_idle() && !self.is_idle()
    }

    /// Whether only the server can say when it was used.
    pub(super) fn asks_for_use(&self) -> bool {
        let unsure = self.ends.last_use.unsure(&self.clock) > SLACK;
        unsure && self.seems_idle() && self.can_refresh() && self.session_left().is_some()
    }

    fn seems_idle(&self) -> bool {
        self.idle_end().is_some_and(|end| self.clock.at() >= end)
    }

    /// An answer tells how long it really was since the last one, as each says how much of the session is left.
    pub(super) fn learn_use(&mut self, entry: &Entry) {
        let age = (self.clock.wall() - entry.received_at).max(0.0);
        let use_before = self.ends.last_use;
        let unsure = use_before.unsure(&self.clock);
        let Some((life, current)) = self.idle_life().zip(self.current.as_ref()) else { return };
        if unsure <= 0.0 || age > SLACK {
            return;
        }
        let passed = self.clock.at() - age - current.received_at;
        let really = self.session_left().zip(entry.session_left()).map(|(was, is)| was - is);
        let too_much = really.map_or(0.0, |really| passed - really + SLACK).max(0.0);
        // Late use was use if the session was not over by then.
        let late = self.ends.used_late.take().and_then(|(first, last)| {
            let missing = (first.at - use_before.at - life).max(0.0);
            let most = too_much.min(use_before.unsure_until(&first));
            (missing <= most).then_some((last, too_much - missing))
        });
        let is_noted = late.is_none() && self.ends.noted_at >= use_before.at;
        let (last, too_much) = late.unwrap_or((use_before, too_much));
        let at = last.at + too_much.min(last.unsure(&self.clock));
        self.ends.last_use = LastUse { at, ..LastUse::now(&self.clock) };
        self.ends.settled_at = self.clock.at();
        if too_much > 2.0 * SLACK {
            // What is noted is in the terms of a clock that was set since.
            self.note_at_once();
        } else if is_noted {
            // Else each tab in turn would spare it a little more.
            self.ends.noted_at = at;
        }
        self.stop_counting();
        if self.seems_idle() {
            // Another tab may have been used meanwhile, and says so once it knows that this was use.
            self.ends.patient_until = self.clock.at() + PATIENCE;
        }
    }

    fn session_left(&self) -> Option<f64> {
        self.current.as_ref()?.entry.session_left()
    }

    fn idle_life(&self) -> Option<f64> {
        self.current.as_ref()?;
        Some(self.settings.idle_timeout? * 1_000.0)
    }
}
