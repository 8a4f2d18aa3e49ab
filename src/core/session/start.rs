//! What a client begins with besides what is stored.

use super::entry::{Entry, Found};
use super::machine::{By, Machine, Phase};
use super::output::Output;
use super::token::{Entropy, Token};

impl Machine {
    /// This tab is the only one, and begins with new tokens.
    pub(super) fn alone(&mut self) {
        if self.phase == Phase::Loading {
            self.renews_at_start = true;
        } else {
            self.refresh();
        }
    }

    /// Somebody is signed in by a cookie: a session without an access token, which the first refresh brings.
    pub(super) fn take_jar(&mut self, generation: u64, entropy: &Entropy, found: &Found) {
        let begins = matches!(self.phase, Phase::Loading | Phase::Open);
        if !begins || self.current.is_some() || *found != Found::Nothing {
            return;
        }
        let mut entry = Entry {
            login: entropy.login(),
            generation,
            attempt: entropy.attempt(),
            access_token: Token::new(String::new()),
            refresh_token: None,
            received_at: self.clock.wall(),
            moved: 0.0,
            life: Some(0.0),
            given: None,
            session_id: None,
            session_ends_at: None,
            used: None,
        };
        let set = self.first_items(&mut entry);
        self.outputs.push_back(Output::Write { set, remove: Vec::new() });
        self.adopt(entry, By::Load);
    }
}
