//! The two ends that a session comes to by itself: nobody uses it any more, or its time is over.

use super::current::TOLERATED;
use super::entry::{Found, Item};
use super::machine::{Machine, Standing, Then};
use super::output::{Event, Output};
use super::refresh::Flight;
use super::snapshot::EndReason;

/// The longest countdown to the idle end, in milliseconds; it never takes more than a quarter of the time.
const COUNTDOWN: f64 = 60_000.0;

/// How far the session at hand is from its ends.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// When somebody last used it, in this or another tab, in the machine's time.
    used_at: f64,
    /// What storage says of that.
    noted_at: f64,
    /// What stands there as far as this tab knows, and what stood there when the wall clock was set back.
    noted: Option<f64>,
    outdated: Option<f64>,
    /// When somebody used it although it seems to be over, which another tab may know better.
    used_late: Option<f64>,
    /// Whether the application counts down to the idle end.
    counting: bool,
    /// Whether the application knows that the absolute end is near.
    warned: bool,
}

impl Machine {
    /// Begins to watch over a session that was not at hand before.
    pub(super) fn begin_ends(&mut self, used_at: Option<f64>) {
        let (now, noted) = (self.clock.at(), used_at);
        let used_at = used_at.map_or(now, |wall| self.machine_time(wall));
        self.ends = Ends { used_at, noted_at: used_at, noted, ..Ends::default() };
    }

    /// Somebody uses the page.
    pub(super) fn active(&mut self) {
        let at = self.clock.at();
        match (self.idle_end(), self.over_by()) {
            (Some(_), None) => self.used(at),
            (Some(_), Some(_)) => self.ends.used_late = Some(at),
            (None, _) => {}
        }
    }

    fn used(&mut self, at: f64) {
        let counting = self.ends.counting;
        self.ends.used_at = self.ends.used_at.max(at);
        self.stop_counting();
        if counting {
            // At once: the other tabs count as well.
            self.ends.noted_at = f64::NEG_INFINITY;
        }
    }

    /// Another tab was used at this time of the wall clock.
    pub(super) fn used_elsewhere(&mut self, wall: Option<f64>) {
        let Some(noted) = wall.filter(|_| wall != self.ends.outdated) else { return };
        self.ends.noted = wall;
        if noted > self.clock.wall() + TOLERATED {
            // From before the clock was set back, so that nobody knows how long ago.
            return;
        }
        let used_at = self.machine_time(noted);
        if used_at > self.ends.used_at {
            self.ends.used_at = used_at;
            self.ends.noted_at = used_at;
            self.stop_counting();
        }
    }

    /// The wall clock was set back: what is noted would pass for later use than there was.
    pub(super) const fn note_anew(&mut self) {
        self.ends.outdated = self.ends.noted;
        self.ends.noted_at = f64::NEG_INFINITY;
    }

    /// Why the session is over, where it is.
    pub(super) fn over_by(&self) -> Option<EndReason> {
        let at = self.clock.at();
        if self.idle_end().is_some_and(|end| at >= end) {
            return Some(EndReason::Idle);
        }
        let current = self.current.as_ref()?;
        // After a sleep, a jump or a reload it may be the clock that is wrong: the server knows.
        let sure = current.jumps == Some(self.clock.jumps()) || !self.can_refresh();
        (sure && current.ends_at? <= at).then_some(EndReason::Expired)
    }

    /// Does what is due before and at either end.
    pub(super) fn watch_ends(&mut self) {
        let at = self.clock.at();
        if self.ends_are_asked() {
            return;
        }
        let counts_down = !self.ends.counting && self.counts_down(at);
        if self.over_by().is_some() || counts_down || self.is_to_be_noted() {
            // Another tab may have been used meanwhile.
            return self.read(Then::End);
        }
        let warn_at = self.warn_at();
        let Some(current) = &mut self.current else { return };
        if current.ends_at.is_some_and(|end| at >= end) {
            current.refresh_at = current.ends_at;
        } else if warn_at.is_some_and(|due| at >= due) && !self.ends.warned {
            self.ends.warned = true;
            self.tell(Event::Expiring { reason: EndReason::Expired });
        }
    }

    /// Whether storage or the server is about to say more of them.
    fn ends_are_asked(&self) -> bool {
        self.reads.iter().any(|(_, then)| matches!(then, Then::End))
            || matches!(self.flight, Some(Flight::Doubting(_)))
    }

    /// When there will be something to do.
    pub(super) fn ends_due(&self) -> Option<f64> {
        if self.ends_are_asked() {
            return None;
        }
        let at = self.clock.at();
        let lead = if self.ends.counting { 0.0 } else { self.countdown() };
        let idle = self.idle_end().map(|end| end - lead);
        let end = self.current.as_ref().and_then(|current| current.ends_at);
        let end = if self.ends.warned { end } else { self.warn_at() }.filter(|due| *due > at);
        [idle, self.note_at(), end].into_iter().flatten().reduce(f64::min)
    }

    /// Ends the session, or begins the countdown, unless another tab was used.
    pub(super) fn end_in_time(&mut self, found: Found, items: &[Item]) {
        let stored = found != Found::Nothing;
        if stored && self.reconcile(found) != Standing::Same {
            return;
        }
        let Some(reason) = self.over_by() else {
            if let Some(at) = self.ends.used_late.take() {
                self.used(at);
            }
            if self.is_to_be_noted() {
                let set = self.note().filter(|_| stored).into_iter().collect();
                self.outputs.push_back(Output::Write { set, remove: Vec::new() });
            }
            if !self.ends.counting && self.counts_down(self.clock.at()) {
                self.ends.counting = true;
                self.tell_countdown(self.idle_end());
            }
            return;
        };
        let token = self.current.as_ref().and_then(|it| it.entry.refresh_token.clone());
        self.clear(items, reason);
        self.end(reason);
        if reason == EndReason::Idle && stored {
            // The server cannot know, unless another tab has told it.
            self.revoke(token, None);
        }
    }

    /// What storage is to say of when the session was last used.
    pub(super) fn note(&mut self) -> Option<Item> {
        self.settings.idle_timeout?;
        let current = self.current.as_ref()?;
        let used_at = (self.clock.wall() - (self.clock.at() - self.ends.used_at)).trunc();
        self.ends.noted_at = self.ends.used_at;
        self.ends.noted = Some(used_at);
        Some(current.entry.used_item(&self.settings.storage_key, used_at))
    }

    fn idle_end(&self) -> Option<f64> {
        self.current.as_ref()?;
        Some(self.ends.used_at + self.settings.idle_timeout? * 1_000.0)
    }

    /// For how long the application counts down.
    fn countdown(&self) -> f64 {
        COUNTDOWN.min(self.settings.idle_timeout.unwrap_or(0.0) * 250.0)
    }

    fn counts_down(&self, at: f64) -> bool {
        self.idle_end().is_some_and(|end| at >= end - self.countdown())
    }

    /// When storage is to be told of use that it does not know of: so often that no other tab begins to count.
    fn note_at(&self) -> Option<f64> {
        self.idle_end()?;
        let due = self.ends.noted_at + self.countdown() / 2.0;
        (self.ends.used_at > self.ends.noted_at).then_some(due)
    }

    fn is_to_be_noted(&self) -> bool {
        self.note_at().is_some_and(|due| self.clock.at() >= due)
    }

    fn warn_at(&self) -> Option<f64> {
        let end = self.current.as_ref()?.ends_at?;
        Some(end - self.settings.refresh_before_expiry * 1_000.0)
    }

    fn stop_counting(&mut self) {
        if self.ends.counting && !self.counts_down(self.clock.at()) {
            self.ends.counting = false;
            self.tell_countdown(None);
        }
    }

    fn tell_countdown(&mut self, end: Option<f64>) {
        let ends_at = self.current.as_ref().zip(end).map(|(current, end)| current.unix(end));
        self.tell(Event::IdleCountdown { ends_at });
    }

    /// When the wall clock said so, in the machine's time; the future is now.
    fn machine_time(&self, wall: f64) -> f64 {
        self.clock.at() - (self.clock.wall() - wall).max(0.0)
    }
}
