//! Signing in and out.

use super::entry::{Entry, Found, Item};
use super::input::Caller;
use super::machine::{By, Machine, Phase, Then};
use super::output::{Event, Output};
use super::response::{Response, Said};
use super::snapshot::EndReason;
use super::timer::Timer;
use super::token::{Entropy, Token};
use crate::core::error::{Code, Error};

/// Tokens on their way to storage.
#[derive(Debug)]
pub(super) struct SignIn {
    /// The sign-in that they renew; none for a new one.
    pub(super) login: Option<String>,
    pub(super) response: Response,
    pub(super) entropy: Entropy,
}

/// A sign-out on its way to storage.
#[derive(Debug)]
pub(super) struct SignOut {
    pub(super) caller: Caller,
    revoke: bool,
}

impl SignIn {
    /// The generation that follows `held`.
    pub(super) fn renewing(&self, held: &Entry, wall: f64) -> Entry {
        let response = &self.response;
        let next = held.generation.saturating_add(1);
        let said = response.generation.filter(|said| *said > held.generation);
        let new = self.entry(held.login.clone(), said.unwrap_or(next), wall);
        Entry {
            // A server that does not rotate names its refresh token only once.
            refresh_token: new.refresh_token.or_else(|| held.refresh_token.clone()),
            session_id: new.session_id.or_else(|| held.session_id.clone()),
            // Who renews a session past its end knows better.
            session_ends_at: new
                .session_ends_at
                .or_else(|| held.session_ends_at.filter(|end| *end > wall)),
            given: held.given,
            ..new
        }
    }

    /// The first generation of a new sign-in.
    pub(super) fn first(&self, wall: f64) -> Entry {
        self.entry(self.entropy.login(), self.response.generation.unwrap_or(1), wall)
    }

    fn entry(&self, login: String, generation: u64, wall: f64) -> Entry {
        let response = &self.response;
        Entry {
            login,
            generation,
            attempt: self.entropy.attempt(),
            access_token: response.access_token.clone(),
            refresh_token: response.refresh_token.clone(),
            received_at: wall,
            moved: 0.0,
            life: response.life,
            session_id: response.session_id.clone(),
            session_ends_at: response.session_life.map(|life| wall + life * 1_000.0),
            given: Some(response.access_token.fingerprint()),
            used: None,
        }
    }

    /// Whether these tokens belong to the session of `stored`.
    fn is_of(&self, stored: &Entry) -> bool {
        let ids = self.response.session_id.as_ref().zip(stored.session_id.as_ref());
        // Whatever else they have in common.
        if self.is_of_another_user(stored) || ids.is_some_and(|(this, that)| this != that) {
            return false;
        }
        ids.is_some() || self.repeats(stored) || self.is_given(stored)
    }

    /// Whether both access tokens say whose they are, and it is not the same user's.
    pub(super) fn is_of_another_user(&self, held: &Entry) -> bool {
        let subject = |token| Said::by(token)?.subject;
        let subjects = subject(&self.response.access_token).zip(subject(&held.access_token));
        subjects.is_some_and(|(this, that)| this != that)
    }

    /// Whether `stored` is as new as these tokens, or newer.
    fn is_old(&self, stored: &Entry) -> bool {
        if let Some(said) = self.response.generation {
            return said <= stored.generation;
        }
        let token = &self.response.access_token;
        let issued_at = |token| Said::by(token)?.issued_at;
        let older = issued_at(token).zip(issued_at(&stored.access_token));
        *token == stored.access_token
            || self.is_given(stored)
            || older.is_some_and(|(this, that)| this < that)
    }

    /// Whether `stored` came of the same tokens, which the application hands in once more.
    fn is_given(&self, stored: &Entry) -> bool {
        stored.given == Some(self.response.access_token.fingerprint())
    }

    fn repeats(&self, stored: &Entry) -> bool {
        stored.access_token == self.response.access_token
            || (stored.refresh_token.is_some()
                && stored.refresh_token == self.response.refresh_token)
    }
}

impl Machine {
    pub(super) fn sign_in(&mut self, caller: Caller, json: &str, entropy: &Entropy) {
        match Response::parse(json, self.clock.wall()) {
            Ok(response) => {
                let kept = SignIn { login: None, response, entropy: entropy.clone() };
                self.read(Then::SignIn(caller, kept));
            }
            Err(error) => {
                let error = match error.code {
                    Code::RefreshUnavailable => Error::option("response", NO_TOKENS),
                    _ => error,
                };
                self.outputs.push_back(Output::Refuse { caller, error });
            }
        }
    }

    pub(super) fn keep_sign_in(
        &mut self,
        caller: Caller,
        kept: SignIn,
        found: Found,
        items: &[Item],
    ) {
        let wall = self.clock.wall();
        // Whoever asked while storage was being read for the first time asked for this.
        let early = if self.phase == Phase::Loading {
            std::mem::take(&mut self.callers)
        } else {
            Vec::new()
        };
        match found {
            // The page was restored and handed in the tokens of its HTML once more.
            Found::Session(stored) if kept.is_of(&stored) && kept.is_old(&stored) => {
                self.adopt(stored, By::Load);
            }
            Found::Session(stored) if kept.is_of(&stored) => {
                let given = Some(kept.response.access_token.fingerprint());
                let entry = Entry { given, ..kept.renewing(&stored, wall) };
                self.store(entry, items, By::Refresh);
            }
            _ => {
                let entry = kept.first(wall);
                self.store(entry, items, By::SignIn);
            }
        }
        self.callers.extend(early);
        self.outputs.push_back(Output::Done { caller });
    }

    pub(super) fn sign_out(&mut self, caller: Caller, revoke: bool) {
        self.read(Then::SignOut(SignOut { caller, revoke }));
    }

    /// Forgets first; only then is the server told.
    pub(super) fn forget(&mut self, sign_out: &SignOut, found: Found, items: &[Item]) {
        let stored = match found {
            Found::Session(entry) => Some(entry),
            Found::Nothing | Found::Unknown => None,
        };
        let held = self.current.as_ref().map(|current| current.entry.clone());
        let mut cookie = self.settings.cookie;
        let entry = match (held, stored) {
            // Somebody else has signed in, of whom this tab has not heard yet: theirs stays.
            (Some(held), Some(stored)) if held.login != stored.login => {
                self.remove(&held.login, items);
                // The cookie is theirs by now.
                cookie = false;
                Some(held)
            }
            (held, stored) => {
                self.clear(items, EndReason::SignedOut);
                stored.or(held)
            }
        };
        let token = entry.and_then(|entry| entry.refresh_token);
        if self.current.is_some() {
            self.end(EndReason::SignedOut);
        } else if self.phase == Phase::Loading {
            self.phase = Phase::Ended(EndReason::SignedOut);
        }
        if sign_out.revoke && (token.is_some() || cookie) && self.settings.can_revoke {
            self.revoking.push(sign_out.caller);
            let deadline = self.clock.at() + self.settings.request_timeout * 1_000.0;
            self.timers.set(Timer::Revocation, Some(deadline));
            self.revoke(token, Some(sign_out.caller));
        } else {
            self.outputs.push_back(Output::Done { caller: sign_out.caller });
        }
    }

    pub(super) fn revoke(&mut self, token: Option<Token>, caller: Option<Caller>) {
        // The cookie is that of whoever is signed in.
        let revocable = match self.settings.cookie {
            true => self.current.is_none(),
            false => token.is_some(),
        };
        if self.settings.can_revoke && revocable {
            self.outputs.push_back(Output::Revoke { token, caller });
        }
    }

    pub(super) fn revoked(&mut self, caller: Option<Caller>, accepted: bool) {
        if let Some(caller) = caller {
            let Some(position) = self.revoking.iter().position(|it| *it == caller) else {
                // Not waited for any longer.
                return;
            };
            self.revoking.swap_remove(position);
            self.outputs.push_back(Output::Done { caller });
        }
        if !accepted {
            self.tell(Event::Warning { error: NOT_REVOKED });
        }
    }

    /// The server does not answer: signed out here is signed out.
    pub(super) fn give_up_revoking(&mut self) {
        for caller in std::mem::take(&mut self.revoking) {
            self.outputs.push_back(Output::Done { caller });
        }
        self.tell(Event::Warning { error: NOT_REVOKED });
    }
}

const NO_TOKENS: &str = "setTokens takes a token response: an object with a string access_token";
const NOT_REVOKED: Error = Error::new(
    Code::RefreshUnavailable,
    "signed out here, but the server could not be told: the session lives on there until its end",
);
