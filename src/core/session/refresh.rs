//! The one refresh: when it is sent, what its answer means, and when it is tried again.

use super::backoff::{Noise, delay};
use super::entry::{Entry, Found, Item};
use super::input::{Answer, Stamp};
use super::machine::{By, Machine, Standing, Then};
use super::outcome::Outcome;
use super::output::{Event, Output};
use super::past::Past;
use super::sign::SignIn;
use super::snapshot::EndReason;
use super::timer::Timer;
use super::token::Entropy;
use crate::core::error::{Code, Error};

/// Where the refresh that is under way stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flight {
    /// Storage is being read, before it is sent or after it was answered.
    Reading(u32),
    /// It was sent and not answered yet.
    Sent(u32),
    /// Somebody else was faster, and their tokens are waited for.
    Looking,
    /// The session seems to be over, and what another tab may say is waited for.
    Doubting(EndReason),
}

/// The longest that a server takes a superseded token for an honest mistake, in seconds: its
/// default `grace` and the tolerance for clocks.
const GRACE: f64 = 35.0;

/// What went wrong lately and when to try again.
#[derive(Debug, Default)]
pub(super) struct Retry {
    failures: u32,
    /// No refresh before this, in the machine's time.
    pub(super) not_before: f64,
    pub(super) error: Option<Error>,
    offline: bool,
    /// The next refresh goes without its attempt: whoever holds a newer token is found out.
    bare: bool,
    /// Answers in a row whose access token was over on arrival.
    pub(super) stillborn: u32,
    pub(super) vain: Vain,
}

impl Retry {
    /// What is left to remember once there are new tokens.
    pub(super) fn renewed(&self) -> Self {
        Self { stillborn: self.stillborn, vain: self.vain, ..Self::default() }
    }

    /// The network is back: what failed for want of it need not wait.
    pub(super) fn come_back(&mut self, at: f64) {
        if self.offline {
            self.offline = false;
            self.failures = 0;
            self.not_before = at;
        }
    }

    /// The last error, for a caller who comes at `at`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    pub(super) fn error_now(&self, at: f64) -> Option<Error> {
        let error = self.error.clone()?;
        let seconds = ((self.not_before - at) / 1_000.0) as u32;
        Some(error.retry_after(seconds.saturating_add(1)))
    }
}

/// Refreshes that an API asked for by 401 and whose tokens it refused as well.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Vain {
    refused: Option<Stamp>,
    count: u32,
    /// Until then a 401 is no reason to refresh.
    pub(super) hold_until: f64,
}

impl Vain {
    pub(super) fn count(&mut self, used: Stamp, accepted: bool, at: f64, noise: &mut Noise) {
        if accepted {
            *self = Self::default();
        } else if self.refused != Some(used) {
            self.refused = Some(used);
            // The first may be bad luck.
            if self.count > 0 {
                self.hold_until = at + delay(self.count, None, noise);
            }
            self.count = self.count.saturating_add(1);
        }
    }
}

impl Machine {
    pub(super) fn can_refresh(&self) -> bool {
        self.current.as_ref().is_some_and(|current| {
            let able = self.settings.own_refresh || current.entry.refresh_token.is_some();
            able && self.settings.can_refresh && current.refused.is_none()
        })
    }

    /// Starts a refresh, unless one is under way or it is too early to try again.
    pub(super) fn refresh(&mut self) {
        let early = self.clock.at() < self.retry.not_before;
        if self.flight.is_none() && !early && self.can_refresh() && !self.waits_for_its_end() {
            self.read_on(Then::Send);
        }
    }

    pub(super) fn send_unless_newer(&mut self, found: Found) {
        let at = self.clock.at();
        let standing = self.reconcile(found);
        let fresh = self.current.as_ref().is_some_and(|it| it.is_alive(at) && !it.is_due(at));
        if standing == Standing::Gone || (standing == Standing::Newer && fresh) {
            return;
        }
        if self.can_refresh() {
            self.send();
        }
    }

    pub(super) fn answered(&mut self, flight: u32, answer: &Answer, entropy: &Entropy) {
        let outcome = Outcome::of(answer, self.clock.wall());
        if let Some(position) = self.orphans.iter().position(|orphan| *orphan == flight) {
            self.orphans.swap_remove(position);
            if let Outcome::Refreshed(response) = outcome {
                self.revoke(response.refresh_token, None);
            }
            return;
        }
        if self.flight != Some(Flight::Sent(flight)) {
            return;
        }
        if self.timers.take_expired(Timer::Request, self.clock.at()) {
            // The host slept while the answer lay there, so how old its tokens are nobody knows. It
            // is asked for again, with the same attempt.
            return self.give_up();
        }
        self.timers.set(Timer::Request, None);
        self.settle(outcome, entropy);
    }

    /// The refresh was not answered in time.
    pub(super) fn give_up(&mut self) {
        if let Some(Flight::Sent(flight)) = self.flight {
            self.outputs.push_back(Output::Abort { flight });
            if let Outcome::Later { error, asked, .. } = Outcome::timeout() {
                self.put_off(error, asked, true);
            }
        }
    }

    /// Stores what a refresh brought, unless the session is gone or another tab was faster.
    pub(super) fn keep(&mut self, kept: &SignIn, awaited: bool, found: Found, items: &[Item]) {
        let login = |entry: &Entry| Some(&entry.login) == kept.login.as_ref();
        let Some(current) = self.current.as_ref().filter(|it| login(&it.entry)) else {
            // Signed out while storage was read.
            return self.revoke(kept.response.refresh_token.clone(), None);
        };
        if !awaited {
            // Another tab's tokens came while storage was read.
            return;
        }
        let wall = self.clock.wall();
        let held = &current.entry;
        // A cookie is that of whoever signed in last, perhaps on a page without this client.
        let is_anothers = kept.is_of_another_user(held);
        let (mut entry, newer) = if is_anothers {
            (kept.first(wall), held.generation.saturating_add(1))
        } else {
            let entry = kept.renewing(held, wall);
            let generation = entry.generation;
            (entry, generation)
        };
        // Made at some time since it was asked for: thought older than it may be, never younger.
        entry.received_at = wall - (self.clock.at() - self.sent.at);
        match found {
            Found::Session(stored) if login(&stored) && stored.generation >= newer => {
                self.adopt(stored, By::Refresh);
            }
            Found::Session(stored) if !login(&stored) => self.adopt(stored, By::AnotherTab),
            Found::Nothing => {
                self.end(EndReason::Storage);
                self.revoke(entry.refresh_token, None);
            }
            _ if is_anothers => self.store(entry, items, By::AnotherTab),
            Found::Session(_) | Found::Unknown => self.store_renewed(entry, items),
        }
    }

    /// Somebody holds a newer refresh token: another tab, whose tokens come by storage, or else
    /// somebody who should not.
    pub(super) fn superseded(&mut self, waited: bool, found: Found) {
        if self.reconcile(found) != Standing::Same {
            return;
        }
        if waited || self.retry.bare {
            self.put_off(SUPERSEDED, Some(GRACE), false);
            self.retry.bare = true;
        } else {
            self.flight = Some(Flight::Looking);
            let deadline = self.clock.at() + self.settings.lock_wait * 1_000.0;
            self.timers.set(Timer::Look, Some(deadline));
        }
    }

    /// The server ended the session, or its access token has come to its end without another.
    pub(super) fn over(&mut self, reason: EndReason, awaited: bool, found: Found, items: &[Item]) {
        let known = self.current.as_ref().is_some_and(|it| it.refused == Some(reason));
        if !awaited && !known {
            // Another session, or another generation of it, was taken up meanwhile.
            return;
        }
        if found == Found::Nothing && self.current.is_some() {
            return self.end(reason);
        }
        if self.reconcile(found) != Standing::Same {
            return;
        }
        let Some(current) = &self.current else { return };
        if reason == EndReason::Refused && current.refused.is_none() {
            // A server that names no reason refuses whoever lost a race with another tab, too.
            return self.doubt(reason);
        }
        self.conclude(reason, items);
    }

    /// Ends the session, at once or together with its access token.
    pub(super) fn conclude(&mut self, reason: EndReason, items: &[Item]) {
        let at = self.clock.at();
        let Some(current) = &mut self.current else { return };
        if reason.ends_now() || !current.is_alive(at) {
            self.clear(items, reason);
            return self.end(reason);
        }
        if current.refused.replace(reason).is_none() {
            self.tell(Event::Expiring { reason });
        }
        self.decline_waiting(&reason.error());
    }

    fn send(&mut self) {
        let flight = self.number();
        let Some(current) = &self.current else { return };
        let attempt = (!self.retry.bare).then(|| current.entry.attempt.clone());
        let refresh_token = current.entry.refresh_token.clone();
        self.flight = Some(Flight::Sent(flight));
        self.sent = Past::now(&self.clock);
        let deadline = self.clock.at() + self.settings.request_timeout * 1_000.0;
        self.timers.set(Timer::Request, Some(deadline));
        self.outputs.push_back(Output::Send { flight, refresh_token, attempt });
    }

    fn settle(&mut self, outcome: Outcome, entropy: &Entropy) {
        let then = match outcome {
            Outcome::Refreshed(response) => {
                let login = self.current.as_ref().map(|current| current.entry.login.clone());
                Then::Keep(SignIn { login, response, entropy: entropy.clone() })
            }
            Outcome::Later { error, asked, offline } => {
                return self.put_off(error, asked, offline);
            }
            Outcome::Superseded => Then::Superseded(false),
            Outcome::Over(reason) => Then::Over(reason),
        };
        self.read_on(then);
    }

    fn store_renewed(&mut self, mut entry: Entry, items: &[Item]) {
        let stillborn = entry.life.is_some_and(|life| life <= 0.0);
        if self.sent.was_before_a_setting_back(&self.clock) {
            // It may hide a sleep, so that nobody knows how old the token is.
            entry.life = entry.life.map(|_| 0.0);
        }
        self.retry.stillborn = if stillborn { self.retry.stillborn.saturating_add(1) } else { 0 };
        self.store(entry, items, By::Refresh);
        // A repeated answer may bring a token that is over, and the next one lives. Twice in a row
        // is a server that makes no others.
        if self.retry.stillborn > 1 {
            self.put_off(STILLBORN, None, false);
        }
    }

    fn put_off(&mut self, error: Error, asked: Option<f64>, offline: bool) {
        let at = self.clock.at();
        self.flight = None;
        self.retry.failures = self.retry.failures.saturating_add(1).max(self.retry.stillborn);
        self.retry.not_before = at + delay(self.retry.failures, asked, &mut self.noise);
        self.retry.offline = offline;
        self.retry.error = Some(error.clone());
        self.retry.error = self.retry.error_now(at);
        let error = self.retry.error.clone().unwrap_or(error);
        self.decline_waiting(&error);
        self.tell(Event::RefreshDeferred { error });
    }
}

const SUPERSEDED: Error = Error::new(
    Code::RefreshUnavailable,
    "another holder of this session has newer tokens; the server is asked once more",
);
const STILLBORN: Error = Error::new(
    Code::RefreshUnavailable,
    "the token endpoint answers with access tokens that are over on arrival (expires_in 0)",
);
