//! Those who need an access token: what each gets, and when it has to wait.

use super::challenge::asks_for_step_up;
use super::clock::Now;
use super::input::{Caller, Stamp};
use super::machine::{Machine, Phase};
use super::output::Output;
use super::snapshot::EndReason;
use crate::core::error::Error;

/// Somebody who waits for a refresh.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) caller: Caller,
    pub(super) want: Want,
}

/// What is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) min_validity: f64,
    pub(super) force: bool,
    /// Whether a request was answered 401 and is to be sent again.
    replay: bool,
}

impl Machine {
    /// Whether the token of this stamp is the one at hand, lives for `seconds` more, and nothing is due:
    /// whoever holds it may then go on using it without asking.
    pub fn serves(&mut self, stamp: Stamp, seconds: f64, now: Now) -> bool {
        let at = self.clock.observe(now);
        let renews = self.settings.auto_refresh || !self.can_refresh();
        !self.clock.is_set_back()
            && !self.may_be_over()
            && self.current.as_ref().is_some_and(|current| {
                current.stamp == stamp
                    && current.refused.is_none()
                    && current.lives_for(at, seconds)
                    && !(renews && current.is_due(at))
            })
    }

    pub(super) fn ask(&mut self, caller: Caller, min_validity: f64, force: bool) {
        let want = Want { min_validity, force, replay: false };
        let at = self.clock.at();
        let can_refresh = self.can_refresh();
        let Some(current) = &self.current else {
            if self.phase == Phase::Loading {
                return self.callers.push(Waiting { caller, want });
            }
            return self.outputs.push_back(Output::Grant { caller, token: None });
        };
        if self.over_by().is_some() {
            // Unless another tab was used meanwhile.
            return self.callers.push(Waiting { caller, want });
        }
        if self.may_be_idle() {
            return self.refresh_for(Waiting { caller, want });
        }
        let usable = if can_refresh {
            !force && current.lives_for(at, min_validity)
        } else {
            // There will be no better one.
            current.is_alive(at)
        };
        if usable {
            return self.grant(caller);
        }
        if can_refresh {
            return self.refresh_for(Waiting { caller, want });
        }
        let error = current.refused.unwrap_or(EndReason::Expired).error();
        self.outputs.push_back(Output::Refuse { caller, error });
    }

    pub(super) fn unauthorized(&mut self, caller: Caller, used: Stamp, challenge: Option<&str>) {
        let at = self.clock.at();
        let waiting =
            Waiting { caller, want: Want { min_validity: 0.0, force: true, replay: true } };
        let step_up = challenge.is_some_and(asks_for_step_up);
        let current = self.current.as_ref().filter(|it| it.stamp.session == used.session);
        let Some(current) = current.filter(|_| !step_up) else {
            return self.decline(&waiting, None);
        };
        let is_usable = current.is_alive(at) && !self.may_be_over();
        if current.stamp.generation != used.generation && is_usable {
            // The request was slower than a refresh: the token at hand has not been tried yet.
            return self.grant(caller);
        }
        let is_to_end = self.may_be_idle() && !self.asks_for_use();
        if is_to_end || !self.can_refresh() || at < self.retry.vain.hold_until {
            return self.decline(&waiting, None);
        }
        self.refresh_for(waiting);
    }

    /// An API that refuses even fresh tokens must not cost a refresh for every request.
    pub(super) fn replayed(&mut self, used: Stamp, accepted: bool) {
        let at = self.clock.at();
        self.retry.vain.count(used, accepted, at, &mut self.noise);
    }

    /// Settles whoever waits although nothing is under way, so that nobody waits for ever.
    pub(super) fn serve(&mut self) {
        let underway = self.flight.is_some() || self.is_reading() || self.phase == Phase::Loading;
        if underway || self.callers.is_empty() {
            return;
        }
        for Waiting { caller, want } in std::mem::take(&mut self.callers) {
            self.ask(caller, want.min_validity, false);
        }
    }

    /// Gives the token at hand to all who wait for one.
    pub(super) fn grant_waiting(&mut self) {
        let at = self.clock.at();
        let alive = self.current.as_ref().is_some_and(|it| it.is_alive(at));
        if self.phase == Phase::Loading || !alive || self.may_be_over() {
            return;
        }
        for waiting in std::mem::take(&mut self.callers) {
            self.grant(waiting.caller);
        }
    }

    /// Tells all who wait that there is no token for them.
    pub(super) fn decline_waiting(&mut self, error: &Error) {
        for waiting in std::mem::take(&mut self.callers) {
            self.decline(&waiting, Some(error));
        }
    }

    /// Settles all who wait for a session that is not there any more.
    pub(super) fn drop_callers(&mut self, reason: EndReason) {
        if self.phase == Phase::Loading {
            return;
        }
        if reason != EndReason::SignedOut {
            return self.decline_waiting(&reason.error());
        }
        for waiting in std::mem::take(&mut self.callers) {
            self.outputs.push_back(match waiting {
                Waiting { caller, want: Want { replay: true, .. } } => Output::HandOn { caller },
                Waiting { caller, .. } => Output::Grant { caller, token: None },
            });
        }
    }

    fn refresh_for(&mut self, waiting: Waiting) {
        if self.flight.is_none() && self.clock.at() < self.retry.not_before {
            let error = self.retry.error_now(self.clock.at());
            return self.decline(&waiting, error.as_ref());
        }
        self.callers.push(waiting);
        self.refresh();
    }

    fn grant(&mut self, caller: Caller) {
        let token = self.current.as_ref().map(|it| (it.entry.access_token.clone(), it.stamp));
        self.outputs.push_back(Output::Grant { caller, token });
    }

    fn decline(&mut self, waiting: &Waiting, error: Option<&Error>) {
        let caller = waiting.caller;
        self.outputs.push_back(match error {
            Some(error) if !waiting.want.replay => Output::Refuse { caller, error: error.clone() },
            _ => Output::HandOn { caller },
        });
    }
}
