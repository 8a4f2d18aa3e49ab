//! What becomes of one refresh: the table of cases, each with its one answer.

use super::attempt::Attempt;
use super::codec::RefreshToken;
use super::past::Generation;
use super::record::Account;
use super::refusal::Refusal;
use super::session::Session;

/// Seconds by which the clocks of edge servers may differ.
const CLOCKS: i64 = 5;

/// One refresh: a token whose seal was checked, and the circumstances.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "an argument list")]
pub struct Ask<'a> {
    /// The token.
    pub token: &'a RefreshToken,
    /// Who sends it.
    pub client: &'a str,
    /// What proves a repeat.
    pub attempt: Attempt,
    /// The token came in a cookie, whose jar may be ahead of the page's storage.
    pub cookie: bool,
    /// Seconds in which an older token may still come from an honest client.
    pub grace: i64,
    /// Unix time in seconds.
    pub now: i64,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The chain moves on.
    Rotate {
        /// The store had gone back to an older state, which the token proves.
        rolled_back: bool,
    },
    /// The same successor again, to the same requester.
    Repeat,
    /// The same successor again, to somebody who cannot prove to be the same.
    Believe(Box<Session>),
    /// A newer token exists; nothing is ended.
    Superseded,
    /// The session ends.
    Reuse,
    /// No tokens, and nothing changes.
    Refuse(Refusal),
}

impl Ask<'_> {
    /// The period of time that an attempt is of which is given out now: whoever comes within half
    /// of the grace gets the same one, or its neighbour.
    #[must_use]
    pub fn period(&self) -> i64 {
        let length = self.grace.saturating_add(CLOCKS).checked_div(2).unwrap_or(0);
        self.now.checked_div(length).unwrap_or(0)
    }
}

impl Verdict {
    /// Whether there is something to write before it may be answered.
    #[must_use]
    pub fn writes(&self, account: &Account, session: &str) -> bool {
        match self {
            Self::Rotate { .. } | Self::Reuse => true,
            Self::Believe(believed) => account.session(session) != Some(&**believed),
            Self::Repeat | Self::Superseded | Self::Refuse(_) => false,
        }
    }

    /// What those who watch are told.
    #[must_use]
    pub const fn events(&self) -> &'static [&'static str] {
        match self {
            Self::Rotate { rolled_back: false } => &["refreshed"],
            Self::Rotate { rolled_back: true } => &["rollback", "refreshed"],
            Self::Repeat => &["replayed"],
            Self::Believe(_) => &["grace"],
            Self::Superseded => &["superseded"],
            Self::Reuse => &["reuse"],
            Self::Refuse(_) => &[],
        }
    }

    /// Whether others who ask at about the same time are to get the same attempt with it, since
    /// all share one cookie jar; a stranger may not.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        !matches!(self, Self::Believe(_))
    }

    /// Why there are no tokens, if there are none.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Rotate { .. } | Self::Repeat | Self::Believe(_) => None,
            Self::Superseded => Some(Refusal::Superseded),
            Self::Reuse => Some(Refusal::Reuse),
            Self::Refuse(refusal) => Some(*refusal),
        }
    }
}

/// Decides about one refresh.
#[must_use]
pub fn decide(account: &Account, ask: &Ask<'_>) -> Verdict {
    let id = ask.token.session();
    if let Some(ended) = account.tombstone(id) {
        return Verdict::Refuse(ended.why.refusal());
    }
    let Some(session) = account.session(id) else { return Verdict::Refuse(Refusal::Unknown) };
    if session.client != ask.client {
        return Verdict::Refuse(Refusal::Invalid);
    }
    if let Some(over) = session.over(ask.now) {
        return Verdict::Refuse(over);
    }
    if ask.cookie && made(session, ask) {
        return Verdict::Superseded;
    }
    let Some(behind) = session.generation.checked_sub(ask.token.generation()) else {
        return Verdict::Rotate { rolled_back: true };
    };
    match behind {
        0 => Verdict::Rotate { rolled_back: false },
        1 => one_behind(session, ask),
        _ => far_behind(session, ask, behind),
    }
}

/// Whether the attempt is the one that made the very token it comes with.
fn made(session: &Session, ask: &Ask<'_>) -> bool {
    let Some(behind) = session.generation.checked_sub(ask.token.generation()) else { return false };
    if behind == 0 {
        return session.tags.contains(&ask.attempt.tag);
    }
    let before = session.past.back(behind.saturating_add(1));
    before.is_some_and(|before| before.knows(ask.attempt.tag))
}

fn one_behind(session: &Session, ask: &Ask<'_>) -> Verdict {
    if ask.attempt.is_any(|tag| session.tags.contains(&tag)) {
        return Verdict::Repeat;
    }
    if !within_grace(session.rotated_at, ask) {
        return Verdict::Reuse;
    }
    match session.believe(ask.attempt, ask.now) {
        Some(believed) => Verdict::Believe(Box::new(believed)),
        None if ask.attempt.absent => Verdict::Reuse,
        None => Verdict::Superseded,
    }
}

fn far_behind(session: &Session, ask: &Ask<'_>, behind: u64) -> Verdict {
    let harmless = match session.past.back(behind) {
        None => !ask.attempt.absent,
        Some(Generation::Unknown) => true,
        Some(generation @ Generation::Rotated { at, .. }) => {
            ask.attempt.is_any(|tag| generation.knows(tag)) || within_grace(*at, ask)
        }
    };
    if harmless { Verdict::Superseded } else { Verdict::Reuse }
}

const fn within_grace(rotated_at: i64, ask: &Ask<'_>) -> bool {
    ask.now.saturating_sub(rotated_at) <= ask.grace.saturating_add(CLOCKS)
}
