//! Access tokens that come along with the answers of an API, which renews them in passing.

use super::current::Current;
use super::entry::{Entry, Found, Item};
use super::input::Stamp;
use super::machine::{By, Machine, Then};
use super::response::{Response, Said};
use super::sign::SignIn;
use super::token::{Entropy, Token};

impl Machine {
    /// The answer to a request with the token of `used` brought `token` along.
    pub(super) fn passed(&mut self, used: Stamp, token: Token, entropy: Entropy) {
        let Some(current) = self.current.as_ref().filter(|it| it.stamp.session == used.session)
        else {
            return;
        };
        if renews(current, &token).is_some() {
            let login = Some(current.entry.login.clone());
            let response = Response::passed(token, self.clock.wall());
            self.read(Then::Pass(SignIn { login, response, entropy }));
        }
    }

    /// Stores a token that came along, unless another tab has a newer one.
    pub(super) fn pass(&mut self, kept: &SignIn, found: Found, items: &[Item]) {
        if !matches!(&found, Found::Session(stored) if Some(&stored.login) == kept.login.as_ref()) {
            return;
        }
        self.reconcile(found);
        let (at, wall) = (self.clock.at(), self.clock.wall());
        let Some(current) = &self.current else { return };
        let Some(longer) = renews(current, &kept.response.access_token) else { return };
        let held = &current.entry;
        let new = kept.renewing(held, wall);
        // Whoever renews may date the new token back, so its end is counted from that of the old one.
        let left = current.expires_at.map(|end| end + longer - at);
        let lived = new.life.zip(left).map_or(0.0, |(life, left)| life * 1_000.0 - left);
        // Where there is a refresh token, it is still to be sent with the attempt that it may have been sent with.
        let attempt = if held.refresh_token.is_some() { held.attempt.clone() } else { new.attempt };
        let entry = Entry { attempt, received_at: wall - lived.max(0.0), ..new };
        self.store(entry, items, By::Refresh);
    }
}

/// By how many milliseconds `token` outlives the one at hand, where it is a newer one of the same session.
fn renews(current: &Current, token: &Token) -> Option<f64> {
    let (old, new) = (Said::by(&current.entry.access_token)?, Said::by(token)?);
    let same =
        new.subject.is_some() && (&new.subject, &new.session) == (&old.subject, &old.session);
    (same && new.issued_at? > old.issued_at?)
        .then_some((new.expires_at? - old.expires_at?) * 1_000.0)
}
