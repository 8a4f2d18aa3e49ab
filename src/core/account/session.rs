//! One session: one sign-in on one device, with one live chain of refresh tokens.

use super::access::{AccessToken, MAX_TOLERANCE};
use super::attempt::{Attempt, Tag};
use super::budget::Budget;
use super::past::{Generation, Past};
use super::refusal::Refusal;
use crate::core::error::Error;

/// How many attempts one generation remembers.
pub const MAX_TAGS: usize = 4;
/// How many access tokens of one session can be revoked singly at a time, and leave the others alone.
pub const MAX_DENIED: usize = 8;

/// A session that lives, or would if its time were not over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Session {
    /// Its name within the record.
    pub id: String,
    /// For whom its tokens are.
    pub client: String,
    /// Which token of the chain is the live one.
    pub generation: u64,
    /// When that one was made.
    pub rotated_at: i64,
    /// The attempts that led to it.
    pub tags: Vec<Tag>,
    /// Whether somebody without attempt was believed already in this generation.
    pub absent_counted: bool,
    /// What led to the generations before.
    pub past: Past,
    /// How often a stranger may still be believed.
    pub budget: Budget,
    /// The access token that goes with the live generation.
    pub access: Access,
    /// Access tokens that were revoked singly, with their ends.
    pub denied: Vec<(String, i64)>,
    /// Access tokens made until then are revoked altogether.
    pub denied_to: i64,
    /// When the user signed in here.
    pub created: i64,
    /// When a refresh last moved the chain on.
    pub last_used: i64,
    /// Seconds without a refresh after which it is over.
    pub idle_ttl: i64,
    /// When it is over, whatever happens.
    pub absolute_end: i64,
    /// What was agreed at the sign-in.
    pub grant: Granted,
    /// A newer proof of identity, which the next refresh carries.
    pub elevated: Option<Proof>,
}

/// What was agreed at the sign-in and stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Granted {
    /// How the user proved who they are, as far as the live access token says.
    pub proof: Proof,
    /// The scope at most.
    pub scope: Option<String>,
    /// For whom access tokens are.
    pub audience: Vec<String>,
    /// Claims that each access token carries: one JSON object.
    pub claims: String,
    /// On what, as far as the last refresh knew.
    pub device: Device,
}

/// A proof of identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "the public surface names these three")]
pub struct Proof {
    /// When the user gave it.
    pub auth_time: i64,
    /// How strong it is, as an `acr`.
    pub acr: Option<String>,
    /// By what means it was given, as `amr` values.
    pub amr: Vec<String>,
}

/// What a user would recognise a session by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "the public surface names these three")]
pub struct Device {
    /// A name for it.
    pub label: Option<String>,
    /// The browser's own words.
    pub user_agent: Option<String>,
    /// The address it came from.
    pub ip: Option<String>,
}

/// An access token, committed before it is made, so that it can be made again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "the terms of a token and nothing else")]
pub struct Access {
    /// Its name.
    pub jti: String,
    /// When it was made.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// What it is good for.
    pub scope: Option<String>,
    /// The permission version that its claims were made under.
    pub permissions: u64,
    /// What the callback `claims` added: one JSON object.
    pub claims: String,
}

/// Seconds by which the clocks of those who sign users in may differ.
const CLOCKS: i64 = 60;

impl Granted {
    /// Keeps what is stored within bounds; what only describes is cut, the rest refused.
    ///
    /// # Errors
    /// `ERR_OPTIONS` naming what is too long, or a sign-in after `now` (Unix seconds).
    pub fn bounded(mut self, now: i64) -> Result<Self, Error> {
        if self.scope.as_ref().is_some_and(|scope| scope.len() > 512) {
            return Err(Error::option("scope", "a scope may take 512 bytes"));
        }
        self.proof.check(now)?;
        self.device = self.device.bounded();
        Ok(self)
    }
}

impl Proof {
    /// Refuses what is too long to be stored, and a sign-in that is still to come at `now` (Unix seconds): no later
    /// sign-out would end it.
    ///
    /// # Errors
    /// `ERR_OPTIONS` naming what is wrong.
    pub fn check(&self, now: i64) -> Result<(), Error> {
        if self.auth_time > now.saturating_add(CLOCKS) {
            let message = "this is in the future: it takes seconds since 1970, not milliseconds";
            return Err(Error::option("authTime", message));
        }
        if self.acr.as_ref().is_some_and(|acr| acr.len() > 128) {
            return Err(Error::option("acr", "an acr may take 128 bytes"));
        }
        let length = self.amr.iter().map(String::len).fold(0, usize::saturating_add);
        if self.amr.len() > 8 || length > 128 {
            return Err(Error::option("amr", "at most 8 methods, in 128 bytes"));
        }
        Ok(())
    }
}

impl Device {
    /// Takes over what the newer one knows.
    pub fn update(&mut self, newer: Self) {
        let Self { label, user_agent, ip } = newer.bounded();
        let replace = |old: &mut Option<String>, new: Option<String>| {
            if let Some(new) = new.filter(|new| !new.is_empty()) {
                *old = Some(new);
            }
        };
        replace(&mut self.label, label);
        replace(&mut self.user_agent, user_agent);
        replace(&mut self.ip, ip);
    }

    fn bounded(mut self) -> Self {
        let Self { label, user_agent, ip } = &mut self;
        for (text, longest) in [(label, 128), (user_agent, 256), (ip, 64)] {
            if let Some(text) = text {
                cut(text, longest);
            }
        }
        self
    }
}

/// Shortens a text to at most `longest` bytes, between two characters.
fn cut(text: &mut String, longest: usize) {
    let boundary = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    if boundary < text.len() {
        text.truncate(boundary);
    }
}

impl Session {
    /// Why its time is over, if it is.
    #[must_use]
    pub const fn over(&self, now: i64) -> Option<Refusal> {
        if now >= self.absolute_end {
            return Some(Refusal::Expired);
        }
        if now >= self.last_used.saturating_add(self.idle_ttl) {
            return Some(Refusal::Idle);
        }
        None
    }

    /// When it will be over if nobody refreshes.
    #[must_use]
    pub fn refresh_end(&self) -> i64 {
        self.last_used.saturating_add(self.idle_ttl).min(self.absolute_end)
    }

    /// The newest proof of identity.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        self.elevated.as_ref().unwrap_or(&self.grant.proof)
    }

    /// Lets the newest proof count from the next access token on; a repeat of the last one must
    /// not carry it.
    pub fn step_up(&mut self) {
        if let Some(elevated) = self.elevated.take() {
            self.grant.proof = elevated;
        }
    }

    /// Moves the chain on.
    pub fn rotate(&mut self, attempt: Attempt, access: Access, now: i64) {
        let rotated_at = self.rotated_at.max(now);
        self.past.push(Generation::Rotated { at: rotated_at, tags: vec![attempt.tag.short()] });
        self.generation = self.generation.saturating_add(1);
        self.rotated_at = rotated_at;
        self.tags = vec![attempt.tag];
        self.absent_counted = false;
        self.last_used = self.last_used.max(now);
        self.access = access;
        self.forget_denied(now);
    }

    /// Moves forward to a generation that the store has lost but a genuine token proves.
    pub fn roll_forward(&mut self, generation: u64) {
        let skipped = generation.saturating_sub(self.generation);
        for _ in 0..skipped.min(super::past::KEPT as u64) {
            self.past.push(Generation::Unknown);
        }
        self.generation = self.generation.max(generation);
    }

    /// Believes a stranger within the grace: `None` where none may be believed any more.
    #[must_use]
    pub fn believe(&self, attempt: Attempt, now: i64) -> Option<Self> {
        if attempt.absent && self.absent_counted {
            return Some(self.clone());
        }
        let mut session = self.clone();
        session.budget = self.budget.spend(now)?;
        if attempt.absent {
            session.absent_counted = true;
        } else if session.tags.len() < MAX_TAGS {
            session.tags.push(attempt.tag);
            session.past.join(attempt.tag);
        }
        Some(session)
    }

    /// Revokes one access token and leaves the chain alone.
    ///
    /// Where there is no room to remember one more, all that were made until now go with it: what
    /// was revoked never counts again, and the client refreshes.
    pub fn deny(&mut self, token: &AccessToken, now: i64) {
        self.forget_denied(now);
        self.denied.retain(|(jti, _)| *jti != token.jti);
        if self.denied.len() >= MAX_DENIED {
            self.denied.remove(0);
            self.denied_to = now.max(self.access.iat).max(token.iat);
        }
        self.denied.push((token.jti.clone(), token.exp));
    }

    /// Whether this access token was revoked, alone or with others.
    #[must_use]
    pub fn denies(&self, jti: &str, iat: i64) -> bool {
        iat <= self.denied_to || self.denied.iter().any(|(denied, _)| denied == jti)
    }

    /// Forgets tokens that no verifier accepts any more.
    fn forget_denied(&mut self, now: i64) {
        #[allow(clippy::cast_possible_truncation, reason = "a minute")]
        let tolerance = MAX_TOLERANCE as i64;
        self.denied.retain(|(_, exp)| exp.saturating_add(tolerance) > now);
    }
}
