//! When a session was last used, and what the answers of a server say of it since.

use super::clock::Clock;
use super::entry::{Entry, Late};
use super::hold::PATIENCE;
use super::machine::Machine;
use super::past::Past;

/// By how much the time between two answers may be misjudged, in milliseconds: the clocks of a server's instances differ by
/// half a minute to either side, and an answer takes its time.
const SLACK: f64 = 80_000.0;

/// A last use.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastUse {
    heard: Past,
    /// By how much later it was, as an answer has told since, and how much of that is for what no answer can tell apart.
    later: f64,
    spared: f64,
    /// The answer that was the last one then: when it came, and how much of the session it left.
    answer: Option<(f64, f64)>,
}

impl From<Past> for LastUse {
    fn from(heard: Past) -> Self {
        Self { heard, ..Self::default() }
    }
}

impl LastUse {
    /// In the machine's time.
    pub(super) fn at(&self) -> f64 {
        self.heard.at + self.later
    }

    /// When it was as far as anybody knows, which is what is noted: without what is spared it, else each tab in turn would
    /// spare it as much.
    pub(super) fn known_at(&self) -> f64 {
        self.heard.known_at() + (self.later - self.spared)
    }

    /// Spares a later use what is left of what was spared an earlier one, as that is not noted.
    pub(super) fn spared_as(self, earlier: &Self) -> Self {
        let spared = (earlier.at() - self.at()).max(0.0).min(earlier.spared);
        Self { later: spared, spared, ..self }
    }

    /// The wall clock was set back.
    pub(super) fn take_back(&mut self, clock: &Clock) {
        self.heard.take_back(clock);
    }

    pub(super) fn is_unsure(&self, clock: &Clock) -> bool {
        self.unsure(clock) > 0.0
    }

    /// How much of the time since then may not have passed.
    fn unsure(&self, clock: &Clock) -> f64 {
        self.unsure_until(&Past::now(clock))
    }

    fn unsure_until(&self, later: &Past) -> f64 {
        self.heard.unsure_until(later).min((later.at - self.at()).max(0.0))
    }
}

impl Late<Past> {
    /// What is noted of it, as of a last use.
    pub(super) fn known(&self) -> Late<f64> {
        let Late { first, last, missing } = self.map(|it| it.known_at());
        let taken_back = ((self.last.at - self.first.at) - (last - first)).max(0.0);
        Late { first, last, missing: (missing - taken_back).max(0.0) }
    }
}

impl Machine {
    /// When the session is over for want of use, if all the time that seems to have passed since then did.
    pub(super) fn idle_end(&self) -> Option<f64> {
        let life = self.idle_life()?;
        let unsure = self.ends.last_use.unsure(&self.clock);
        // What no answer could tell apart has not passed.
        let spared = if unsure > SLACK { 0.0 } else { unsure };
        Some(self.ends.last_use.at() + life + spared)
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

    /// An answer tells how long it really was since an earlier one, as each says how much of the session is left.
    pub(super) fn learn_use(&mut self, entry: &Entry) {
        let age = (self.clock.wall() - entry.received_at).max(0.0);
        let before = self.ends.last_use;
        let unsure = before.unsure(&self.clock);
        let oldest = SLACK.max(self.settings.request_timeout * 1_000.0);
        let Some((life, current)) = self.idle_life().zip(self.current.as_ref()) else { return };
        if unsure <= 0.0 {
            return;
        }
        let held = || Some((current.received.at, current.entry.session_left()?));
        let answer = before.answer.or_else(held);
        if age > oldest {
            // The next one tells as much and more, if it is measured against the same.
            self.ends.last_use.answer = answer;
            return;
        }
        // What was learned before is learned anew from where it began, so that no mistake adds up.
        let most = before.later + unsure;
        let really = answer.zip(entry.session_left()).map(|((at, was), is)| (at, was - is));
        // A session may be said to last for ever, and storage to say anything.
        let really = really.filter(|(at, really)| at.is_finite() && really.is_finite());
        let (later, spared) = really.map_or((before.later, before.spared), |(at, really)| {
            let later = (self.clock.at() - age - at - really).min(most).max(-SLACK);
            let spared = SLACK.min(most - later);
            (later + spared, spared)
        });
        // Late use was use if the session was not over by then.
        let late = self.ends.used_late.take().and_then(|late| {
            let before_it = (late.first.at - before.heard.at - life).max(0.0);
            let missing = before_it + late.missing;
            let rest = (later - missing).min(late.last.unsure(&self.clock));
            let can_be = before.later + before.unsure_until(&late.first);
            (before_it <= can_be && missing <= later).then_some((late.last, rest))
        });
        let learned = |at| Past::learned(&self.clock, at);
        self.ends.last_use = match late {
            // What was spared it by then is spent, so that it is counted from here.
            Some((last, rest)) => {
                let spared = spared.min(rest);
                let heard = learned(last.at + (rest - spared));
                let answer = Some(self.clock.at() - age).zip(entry.session_left());
                LastUse { heard, later: spared, spared, answer }
            }
            None => LastUse { heard: learned(before.heard.at), later, spared, answer },
        };
        self.ends.settled_at = self.clock.at();
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
