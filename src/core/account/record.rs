//! The account: one record per subject, with all of that subject's sessions.

use super::access::AccessToken;
use super::budget::Budget;
use super::decide::{Ask, Verdict};
use super::past::Past;
use super::refusal::Refusal;
use super::session::{Access, Device, Granted, Session};
use crate::core::error::{Code, Error};

/// How many ended sessions are remembered; the longest ended are forgotten first.
pub const MAX_TOMBSTONES: usize = 32;
/// Seconds for which a session that ran out still says why.
const AFTERLIFE: i64 = 86_400;

/// Everything known about one subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Account {
    /// Whose it is.
    pub subject: String,
    /// Counts the changes of what the subject may do.
    pub permissions: u64,
    /// No sign-in from before this instant counts.
    pub not_before: i64,
    /// Counts how often all sessions were ended: sign-ins under way see that they are among them.
    pub sign_outs: u64,
    /// The sessions, oldest first.
    pub sessions: Vec<Session>,
    /// Ended sessions, longest ended first.
    pub tombstones: Vec<Tombstone>,
}

/// What is left of a session that was ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Tombstone {
    /// Its name within the record.
    pub id: String,
    /// Why it was ended.
    pub why: Ending,
    /// When it would have been over anyway.
    pub until: i64,
}

/// Why a session was ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// Somebody asked for it.
    Revoked,
    /// An old token came back.
    Reuse,
    /// A newer sign-in took its place.
    Evicted,
}

impl Ending {
    /// What its tokens are told.
    #[must_use]
    pub const fn refusal(self) -> Refusal {
        match self {
            Self::Revoked => Refusal::Revoked,
            Self::Reuse => Refusal::Reuse,
            Self::Evicted => Refusal::Evicted,
        }
    }
}

/// A sign-in.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "an argument list")]
pub struct SignIn {
    /// The name of the session to be.
    pub id: String,
    /// For whom its tokens are.
    pub client: String,
    /// What was agreed.
    pub grant: Granted,
    /// Seconds without a refresh after which it is over.
    pub idle_ttl: i64,
    /// Seconds after which it is over, whatever happens.
    pub absolute_ttl: i64,
    /// Its first access token.
    pub access: Access,
}

/// How many sessions a subject may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "two options")]
pub struct Limit {
    /// This many.
    pub sessions: usize,
    /// One more ends the oldest; otherwise it is refused.
    pub evict: bool,
}

impl Account {
    /// An account without sessions.
    #[must_use]
    pub const fn new(subject: String) -> Self {
        Self {
            subject,
            permissions: 0,
            not_before: 0,
            sign_outs: 0,
            sessions: Vec::new(),
            tombstones: Vec::new(),
        }
    }

    /// The session of this name, unless it was ended.
    #[must_use]
    pub fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }

    /// What is left of the session of this name, if it was ended.
    #[must_use]
    pub fn tombstone(&self, id: &str) -> Option<&Tombstone> {
        self.tombstones.iter().find(|tombstone| tombstone.id == id)
    }

    /// Starts a session; gives the names of those that had to end for it.
    ///
    /// # Errors
    /// `ERR_SESSION_LIMIT`, or `ERR_SESSION_ENDED` for a proof of identity from before
    /// [`Account::not_before`].
    pub fn sign_in(
        &mut self,
        sign_in: SignIn,
        limit: Limit,
        now: i64,
    ) -> Result<Vec<String>, Error> {
        if sign_in.grant.proof.auth_time < self.not_before {
            return Err(SIGNED_OUT);
        }
        self.sweep(now);
        // Sessions that ran out only wait to say so, and count for nobody.
        let live = self.live(now).count();
        if live >= limit.sessions && !limit.evict {
            return Err(TOO_MANY);
        }
        self.sessions.push(Session::of(sign_in, now));
        let excess = live.saturating_add(1).saturating_sub(limit.sessions.max(1));
        let oldest = self.live(now).take(excess).map(|session| session.id.clone());
        let evicted: Vec<_> = oldest.collect();
        for id in &evicted {
            self.end(id, Ending::Evicted, now);
        }
        Ok(evicted)
    }

    /// Performs a verdict that gives tokens without new terms, or none.
    pub fn settle(&mut self, verdict: &Verdict, ask: &Ask<'_>) {
        match verdict {
            Verdict::Believe(believed) => {
                let session = self.session_mut(ask.token.session());
                if let Some(session) = session {
                    session.clone_from(believed);
                }
            }
            Verdict::Reuse => {
                self.end(ask.token.session(), Ending::Reuse, ask.now);
            }
            Verdict::Rotate { .. } | Verdict::Repeat | Verdict::Superseded | Verdict::Refuse(_) => {
            }
        }
    }

    /// Prepares a session for its next access token: where the refresh comes from, and the newest
    /// proof of identity.
    pub fn renew(&mut self, id: &str, device: Device) {
        if let Some(session) = self.session_mut(id) {
            session.grant.device.update(device);
            session.step_up();
        }
    }

    /// Moves a session's chain on, to the successor of the token that was asked with.
    pub fn rotate(&mut self, ask: &Ask<'_>, mut access: Access) {
        self.sweep(ask.now);
        let Some(session) = self.session_mut(ask.token.session()) else { return };
        access.exp = access.exp.min(session.absolute_end);
        session.roll_forward(ask.token.generation());
        session.rotate(ask.attempt, access, ask.now);
    }

    /// Ends a session; `false` where there is none to end.
    pub fn end(&mut self, id: &str, why: Ending, now: i64) -> bool {
        let Some(position) = self.sessions.iter().position(|session| session.id == id) else {
            return false;
        };
        let session = self.sessions.remove(position);
        self.tombstones.push(Tombstone { id: session.id, why, until: session.absolute_end });
        self.sweep(now);
        while self.tombstones.len() > MAX_TOMBSTONES {
            self.tombstones.remove(0);
        }
        true
    }

    /// Revokes one access token; `false` where its session is not there any more.
    pub fn deny(&mut self, token: &AccessToken, now: i64) -> bool {
        let session = self.session_mut(&token.session);
        session.map(|session| session.deny(token, now)).is_some()
    }

    /// When the store may forget the record.
    #[must_use]
    pub fn expires_at(&self) -> i64 {
        let sessions = self.sessions.iter().map(|session| session.absolute_end);
        let tombstones = self.tombstones.iter().map(|tombstone| tombstone.until);
        let ends = sessions.chain(tombstones).max().unwrap_or(0);
        // A sign-in under way must find out even where there is no session to end.
        ends.max(self.not_before).saturating_add(AFTERLIFE)
    }

    pub(super) fn session_mut(&mut self, id: &str) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    /// Forgets what has nothing more to say.
    fn sweep(&mut self, now: i64) {
        self.sessions.retain(|session| now < session.absolute_end.saturating_add(AFTERLIFE));
        self.tombstones.retain(|tombstone| now < tombstone.until.saturating_add(AFTERLIFE));
    }
}

impl Session {
    pub(super) fn of(sign_in: SignIn, now: i64) -> Self {
        let absolute_end = now.saturating_add(sign_in.absolute_ttl);
        let mut access = sign_in.access;
        access.exp = access.exp.min(absolute_end);
        Self {
            id: sign_in.id,
            client: sign_in.client,
            generation: 1,
            rotated_at: now,
            tags: Vec::new(),
            absent_counted: false,
            past: Past::default(),
            budget: Budget::default(),
            access,
            denied: Vec::new(),
            denied_to: 0,
            created: now,
            last_used: now,
            idle_ttl: sign_in.idle_ttl,
            absolute_end,
            grant: sign_in.grant,
            elevated: None,
        }
    }
}

const TOO_MANY: Error = Error::new(
    Code::SessionLimit,
    "the subject has as many sessions as sessionsPerSubject allows; end one first",
);
/// All sessions were ended after the user proved who they are.
pub const SIGNED_OUT: Error =
    Error::new(Code::SessionEnded, "the subject was signed out after that sign-in; sign in again");
