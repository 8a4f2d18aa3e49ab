//! How other servers rotate refresh tokens: what they remember, and what they take for theft.

use std::collections::HashMap;

use crate::api::Minted;
use crate::names::{name, number_of, session_of};
use crate::server::{HANDLE, Refresh, Reply, Seen, Server, seconds};

/// Who decides about refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Evertoken,
    /// Every token once; any other use ends the session.
    Strict,
    /// The previous token is taken for so many seconds and gives the same successor.
    GraceOnly(i64),
    /// The previous token is taken for so many seconds and gives a successor of its own each time.
    Sibling(i64),
}

/// What came of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// The token with this number.
    Tokens {
        number: u64,
        rotated: bool,
    },
    Reuse,
    /// The session was ended before, or was never there.
    Over,
}

/// The sessions of one user.
#[derive(Clone, Debug, Default)]
pub struct Rivals {
    sessions: HashMap<usize, Family>,
}

/// All tokens of one session.
#[derive(Clone, Debug, Default)]
struct Family {
    issued: u64,
    /// By number: when it was used first, and its successor.
    used: HashMap<u64, (i64, u64)>,
}

impl Rivals {
    pub fn sign_in(&mut self, session: usize) -> u64 {
        self.sessions.insert(session, Family { issued: 1, used: HashMap::new() });
        1
    }

    pub fn end(&mut self, session: usize) {
        self.sessions.remove(&session);
    }

    pub fn refresh(&mut self, scheme: Scheme, session: usize, number: u64, now: i64) -> Ruling {
        let Some(family) = self.sessions.get_mut(&session) else { return Ruling::Over };
        if number > family.issued {
            // Of a time that the store has forgotten.
            return Ruling::Over;
        }
        match (family.used.get(&number).copied(), scheme) {
            (None, _) => {
                family.issued += 1;
                family.used.insert(number, (now, family.issued));
                Ruling::Tokens { number: family.issued, rotated: true }
            }
            (Some((at, next)), Scheme::GraceOnly(grace))
                if now - at <= grace && next == family.issued =>
            {
                Ruling::Tokens { number: next, rotated: false }
            }
            (Some((at, _)), Scheme::Sibling(grace)) if now - at <= grace => {
                family.issued += 1;
                Ruling::Tokens { number: family.issued, rotated: true }
            }
            (Some(_), _) => {
                self.end(session);
                Ruling::Reuse
            }
        }
    }
}

impl Server {
    pub fn rival_refresh(&mut self, refresh: &Refresh, at: i64) -> (Reply, Seen) {
        let invalid = || Reply::Refused(400, r#"{"error":"invalid_grant"}"#.into());
        let Some((session, number)) = session_of(&refresh.token).zip(number_of(&refresh.token))
        else {
            return (invalid(), Seen::Refused("invalid"));
        };
        if self.ends(session).0 <= seconds(at) {
            return (invalid(), Seen::Refused("expired"));
        }
        self.version += 1;
        match self.held.rivals.refresh(self.scheme, session, number, seconds(at)) {
            Ruling::Tokens { number, rotated } => {
                if let Some(ends) = self.held.ends.get_mut(&session) {
                    ends.0 = seconds(at);
                }
                let seen = if rotated { Seen::Rotated } else { Seen::Repeated };
                (Reply::Tokens(self.rival_answer(session, number, at)), seen)
            }
            Ruling::Reuse => (invalid(), Seen::Reuse),
            Ruling::Over => (invalid(), Seen::Refused("unknown")),
        }
    }

    pub fn rival_answer(&mut self, session: usize, number: u64, at: i64) -> String {
        let (end, iat) = (at + self.life * 1_000, seconds(at));
        let access_token = self.mint(Minted { session, at, end, iat, permissions: 0 });
        format!(
            r#"{{"access_token":"{access_token}","token_type":"Bearer","expires_in":{},"refresh_token":"rt1.{HANDLE}.{}.{number}.x.x","session_id":"{}"}}"#,
            self.life,
            name(session),
            name(session),
        )
    }
}
