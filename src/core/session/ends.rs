//! The two ends that a session comes to by itself: nobody uses it any more, or its time is over.

use super::current::TOLERATED;
use super::entry::{Found, Item, Late, Used};
use super::last_use::LastUse;
use super::machine::{Machine, Standing, Then};
use super::output::{Event, Output};
use super::past::{Past, UNSETTLED};
use super::refresh::Flight;
use super::snapshot::EndReason;

/// The longest countdown to the idle end, in milliseconds; it never takes more than a quarter of the time.
const COUNTDOWN: f64 = 60_000.0;

/// Up to when storage knows of use, where it knows of none.
const NOTHING_NOTED: f64 = f64::NEG_INFINITY;

/// How far the session at hand is from its ends.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// When somebody last used it, in this or another tab.
    pub(super) last_use: LastUse,
    /// Until when other tabs are given time to say that they were used, in the machine's time.
    pub(super) patient_until: f64,
    /// Up to when a server has said how long it really was, in the machine's time.
    pub(super) settled_at: f64,
    /// What storage says of that.
    noted_at: f64,
    /// Up to when storage knows of late use.
    late_noted_at: f64,
    /// What stands there as far as this tab knows, and the `at` of what it replaced: storage may have been read before that
    /// was written over.
    noted: Option<Used>,
    outdated: Option<f64>,
    /// What this tab wrote there last, and when.
    written: Option<(Used, f64)>,
    /// When somebody used it since it seems to be over, which another tab or the server may know better.
    pub(super) used_late: Option<Late<Past>>,
    /// Whether the application counts down to the idle end.
    counting: bool,
    /// Whether the application knows that the absolute end is near.
    warned: bool,
}

impl Machine {
    /// Begins to watch over a session that was not at hand before.
    pub(super) fn begin_ends(&mut self, used: Option<Used>) {
        let last_use = used.map_or_else(
            || Past::now(&self.clock),
            |used| Past::noted(&self.clock, used.at, UNSETTLED),
        );
        let last_use = LastUse::from(last_use);
        let late = self.late_use(used, UNSETTLED);
        // What is noted for a time to come would pass for use whenever it is read.
        let is_to_come = used.is_some_and(|used| used.at > self.clock.wall() + TOLERATED);
        self.ends = Ends {
            last_use,
            settled_at: UNSETTLED,
            noted_at: if is_to_come { NOTHING_NOTED } else { last_use.at() },
            late_noted_at: late.map_or(NOTHING_NOTED, |late| late.last.at),
            noted: used,
            used_late: late,
            ..Ends::default()
        };
    }

    /// What is noted of late use, unless it is from before the clock was set back.
    fn late_use(&self, used: Option<Used>, settled_at: f64) -> Option<Late<Past>> {
        let late = used?.late.filter(|late| late.last <= self.clock.wall() + TOLERATED)?;
        Some(late.map(|wall| Past::noted(&self.clock, wall, settled_at)))
    }

    /// Somebody uses the page.
    pub(super) fn active(&mut self) {
        let now = Past::now(&self.clock);
        if self.idle_end().is_none() {
            return;
        }
        if self.may_be_over() {
            self.add_late_use(Late { first: now, last: now, missing: 0.0 });
        } else {
            self.used(now.into());
        }
    }

    /// The session was used, here or in another tab, although it may be over.
    fn add_late_use(&mut self, new: Late<Past>) {
        let life = self.settings.idle_timeout.unwrap_or(0.0) * 1_000.0;
        let known = self.ends.used_late.unwrap_or(new);
        let is_earlier = new.first.at < known.first.at;
        let (from, until) = if is_earlier { (new, known) } else { (known, new) };
        let between = until.first.at - from.last.at;
        let missing = (between - life).max(0.0);
        if missing > from.last.unsure_until(&until.first) {
            // There was a break in which it ended.
            return;
        }
        let missing = match between > 0.0 {
            true => from.missing + missing + until.missing,
            false => from.missing.max(until.missing),
        };
        let last = if from.last.at > until.last.at { from.last } else { until.last };
        self.ends.used_late = Some(Late { first: from.first, last, missing });
    }

    /// It is known when it was used before: what came after its end was no use.
    fn count_late_use(&mut self) {
        let end = self.idle_end();
        if let Some(Late { first, last, .. }) = self.ends.used_late.take()
            && end.is_some_and(|end| first.at < end)
            && last.at > self.ends.last_use.at()
        {
            self.used(last.into());
        }
    }

    fn used(&mut self, last_use: LastUse) {
        let counting = self.ends.counting;
        self.ends.last_use = last_use;
        self.stop_counting();
        if counting {
            // The other tabs count as well.
            self.note_at_once();
        }
    }

    /// Has it noted when the session was last used, whatever is noted.
    const fn note_at_once(&mut self) {
        self.ends.noted_at = NOTHING_NOTED;
    }

    /// Another tab was used at these times of the wall clock.
    pub(super) fn used_elsewhere(&mut self, used: Option<Used>) {
        if used == self.ends.noted {
            return;
        }
        self.ends.noted = used;
        let Some(at) = used.map(|used| used.at) else { return };
        let settled_at = self.ends.settled_at;
        // What stood there before, but for rounding: of before the clock was set back, nobody knows how long ago it was.
        let stood_there = self.ends.outdated.is_some_and(|it| (it - at).abs() <= 1.0);
        let is_outdated = stood_there || at > self.clock.wall() + TOLERATED;
        let last_use = LastUse::from(Past::noted(&self.clock, at, settled_at));
        let known_at = self.ends.last_use.known_at();
        // Whose clocks parted knows less of the time since than whoever noted anew what it had noted.
        let is_unsure = self.ends.last_use.is_unsure(&self.clock);
        let knows_less = is_unsure && known_at <= self.ends.noted_at;
        if !is_outdated && (knows_less || last_use.at() > known_at) {
            self.ends.noted_at = last_use.at();
            self.ends.last_use = last_use.spared_as(&self.ends.last_use);
            self.stop_counting();
        }
        let late = self.late_use(used, settled_at);
        self.ends.late_noted_at = late.map_or(NOTHING_NOTED, |late| late.last.at);
        if let Some(late) = late {
            self.add_late_use(late);
        }
    }

    /// The wall clock was set back: what is noted would pass for later use than there was.
    pub(super) fn note_anew(&mut self) {
        self.ends.last_use.take_back(&self.clock);
        if let Some(late) = &mut self.ends.used_late {
            late.first.take_back(&self.clock);
            late.last.take_back(&self.clock);
        }
        self.ends.late_noted_at = NOTHING_NOTED;
        self.note_at_once();
    }

    /// Why the session is over, where it is.
    pub(super) fn over_by(&self) -> Option<EndReason> {
        let at = self.clock.at();
        if self.is_idle() {
            return Some(EndReason::Idle);
        }
        let current = self.current.as_ref()?;
        // After a sleep, a jump or a reload it may be the clock that is wrong: the server knows.
        let sure = current.jumps == Some(self.clock.jumps()) || !self.can_refresh();
        (sure && current.ends_at? <= at).then_some(EndReason::Expired)
    }

    /// Whether it is over, or only the server knows that it is not.
    pub(super) fn may_be_over(&self) -> bool {
        self.over_by().is_some() || self.may_be_idle()
    }

    /// Whether it may be over and no answer of the server would change that.
    pub(super) fn waits_for_its_end(&self) -> bool {
        self.may_be_over() && !self.asks_for_use()
    }

    /// Does what is due before and at either end.
    pub(super) fn watch_ends(&mut self) {
        let at = self.clock.at();
        if self.current.is_none() || self.ends_are_asked() {
            return;
        }
        if self.asks_for_use() {
            self.refresh();
        } else if !self.may_be_over() {
            self.count_late_use();
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
        if self.current.is_none() || self.ends_are_asked() {
            return None;
        }
        let at = self.clock.at();
        let lead = if self.ends.counting { 0.0 } else { self.countdown() };
        let idle = if self.asks_for_use() {
            self.flight.is_none().then_some(self.retry.not_before)
        } else if self.may_be_idle() {
            Some(self.ends.patient_until)
        } else {
            self.idle_end().map(|end| end - lead)
        };
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
        if !self.may_be_idle() {
            self.count_late_use();
        }
        let Some(reason) = self.over_by() else {
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
        let used = self.known_use();
        self.ends.noted_at = self.ends.last_use.known_at();
        self.ends.late_noted_at = self.ends.used_late.map_or(NOTHING_NOTED, |late| late.last.at);
        self.ends.outdated = self.ends.noted.replace(used).map(|noted| noted.at);
        self.ends.written = Some((used, self.clock.at()));
        Some(current.entry.used_item(&self.settings.storage_key, used))
    }

    fn known_use(&self) -> Used {
        let wall = |at: f64| (self.clock.wall() - (self.clock.at() - at)).trunc();
        let late = self.ends.used_late.map(|late| late.known().map(wall));
        Used { at: wall(self.ends.last_use.known_at()), late }
    }

    /// For how long the application counts down.
    fn countdown(&self) -> f64 {
        COUNTDOWN.min(self.settings.idle_timeout.unwrap_or(0.0) * 250.0)
    }

    fn counts_down(&self, at: f64) -> bool {
        let end = self.idle_end().filter(|_| !self.may_be_idle());
        end.is_some_and(|end| at >= end - self.countdown())
    }

    /// When storage is to be told of use that it does not know of: so often that no other tab begins to count.
    fn note_at(&self) -> Option<f64> {
        self.idle_end()?;
        let after = |noted_at: f64| noted_at + self.countdown() / 2.0;
        let noted_at = self.ends.noted_at;
        let used = (self.ends.last_use.known_at() > noted_at).then(|| after(noted_at));
        let late_noted_at = self.ends.late_noted_at;
        let late = self.ends.used_late.filter(|late| late.last.at > late_noted_at);
        let late = late.map(|_| after(late_noted_at));
        let due = [used, late].into_iter().flatten().reduce(f64::min)?;
        // Another tab that knows otherwise wrote over it: they are not to go on like that for ever.
        let again = self.ends.written.filter(|(used, _)| used.is_about(&self.known_use()));
        Some(again.map_or(due, |(_, at)| due.max(after(at))))
    }

    fn is_to_be_noted(&self) -> bool {
        self.note_at().is_some_and(|due| self.clock.at() >= due)
    }

    fn warn_at(&self) -> Option<f64> {
        let end = self.current.as_ref()?.ends_at?;
        Some(end - self.settings.refresh_before_expiry * 1_000.0)
    }

    pub(super) fn stop_counting(&mut self) {
        if self.ends.counting && !self.counts_down(self.clock.at()) {
            self.ends.counting = false;
            self.tell_countdown(None);
        }
    }

    fn tell_countdown(&mut self, end: Option<f64>) {
        let ends_at = self.current.as_ref().zip(end).map(|(current, end)| current.unix(end));
        self.tell(Event::IdleCountdown { ends_at });
    }
}
