//! What the state machine asks of the shell.

use super::entry::Item;
use super::input::{Caller, Stamp};
use super::snapshot::EndReason;
use super::token::Token;
use crate::core::error::Error;

/// Something to do, in the order in which it is given.
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Read every item under the storage key and answer with `Input::Stored`.
    Read {
        /// Which read it is.
        read: u32,
        /// Whether a refresh may follow: then it is to wait for its turn among the tabs, though not
        /// for long. The turn is over when there is nothing left but to wait and nothing under way.
        in_turn: bool,
    },
    /// Change storage: set, then remove.
    Write {
        /// What to set, in this order.
        set: Vec<Item>,
        /// The keys to remove.
        remove: Vec<String>,
    },
    /// Storage cannot be used: keep an empty one in memory from here on.
    Detach,
    /// Send a refresh and answer with `Input::Answered`.
    Send {
        /// Which refresh it is.
        flight: u32,
        /// The refresh token, where there is one.
        refresh_token: Option<Token>,
        /// The attempt, but for the one request that is to prove that nobody else holds it.
        attempt: Option<String>,
    },
    /// Give a refresh up.
    Abort {
        /// Which refresh.
        flight: u32,
    },
    /// End the session of this token at the server and answer with `Input::Revoked`.
    Revoke {
        /// A refresh token of the session; none where a cookie holds it.
        token: Option<Token>,
        /// Who waits for it.
        caller: Option<Caller>,
    },
    /// Here is the access token; none where nobody is signed in.
    Grant {
        /// Who asked.
        caller: Caller,
        /// The token and what it belongs to.
        token: Option<(Token, Stamp)>,
    },
    /// The 401 is for the caller to deal with.
    HandOn {
        /// Whose request it answers.
        caller: Caller,
    },
    /// It is done.
    Done {
        /// Who asked.
        caller: Caller,
    },
    /// It cannot be done.
    Refuse {
        /// Who asked.
        caller: Caller,
        /// Why.
        error: Error,
    },
    /// The snapshot is a new one.
    Changed,
    /// Tell the application.
    Event(Event),
    /// Nothing more to do for so many milliseconds, or until something happens.
    Wait(Option<f64>),
}

/// What applications can listen to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Somebody signed in here.
    SignedIn,
    /// The tokens were renewed, here or in another tab.
    Refreshed,
    /// A refresh failed and is tried again.
    RefreshDeferred {
        /// Why.
        error: Error,
    },
    /// The access token or the session is near its end, and there will be no other.
    Expiring {
        /// Why there will be no other.
        reason: EndReason,
    },
    /// The user does nothing, and the session ends for it; or has done something in time.
    IdleCountdown {
        /// When it ends, in Unix seconds of this host's clock; nothing where it does not any more.
        ends_at: Option<i64>,
    },
    /// Another tab signed somebody in.
    SessionChanged,
    /// The session is over.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// Something is not as it should be, and the client goes on.
    Warning {
        /// What, and what to do about it.
        error: Error,
    },
}

impl Event {
    /// The event's name as users see it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignedIn => "signedIn",
            Self::Refreshed => "refreshed",
            Self::RefreshDeferred { .. } => "refreshDeferred",
            Self::Expiring { .. } => "expiring",
            Self::IdleCountdown { .. } => "idleCountdown",
            Self::SessionChanged => "sessionChanged",
            Self::Ended { .. } => "ended",
            Self::Warning { .. } => "warning",
        }
    }
}
