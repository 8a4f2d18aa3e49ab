//! What the shell tells the state machine.

use super::entry::Item;
use super::token::{Entropy, Token};

/// Who asked: a number that the shell chose, named again in the output that settles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "it is a number and stays one")]
pub struct Caller(pub u32);

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// The client was made: storage is to be read.
    Start,
    /// An answer to `Output::Read`: every item under the storage key.
    Stored {
        /// Which read it answers.
        read: u32,
        /// What was found.
        items: Vec<Item>,
    },
    /// Storage could not be read or written.
    StorageFailed,
    /// Another tab wrote to storage.
    StorageChanged,
    /// Another tab wrote this under the storage key, or removed it from there.
    Said(String),
    /// The application signed somebody in.
    Tokens {
        /// Who waits for it to be done.
        caller: Caller,
        /// The token response, as JSON.
        json: String,
        /// Randomness for the new generation.
        entropy: Entropy,
    },
    /// The application or one of its requests needs an access token.
    Ask {
        /// Who waits for it.
        caller: Caller,
        /// Seconds for which the token must at least live on.
        min_validity: f64,
        /// Whether a new one is wanted in any case.
        force: bool,
    },
    /// A request with an access token of ours was answered 401.
    Unauthorized {
        /// Who waits to send it again.
        caller: Caller,
        /// What the request was sent with.
        used: Stamp,
        /// The answer's `WWW-Authenticate`.
        challenge: Option<String>,
    },
    /// A request was sent again with a newer token.
    Replayed {
        /// What it was sent with.
        used: Stamp,
        /// Whether that one was taken.
        accepted: bool,
    },
    /// A refresh was answered, or was not.
    Answered {
        /// Which refresh.
        flight: u32,
        /// What came of it.
        answer: Answer,
        /// Randomness for the next generation.
        entropy: Entropy,
    },
    /// The application signs out.
    SignOut {
        /// Who waits for it to be done.
        caller: Caller,
        /// Whether the session is to be ended at the server too.
        revoke: bool,
    },
    /// A revocation was answered.
    Revoked {
        /// Who waits for it.
        caller: Option<Caller>,
        /// Whether the server took it.
        accepted: bool,
    },
    /// A timer fired, or the page woke up: time has passed.
    Wake,
    /// The network is back.
    Online,
    /// No other tab lives, and what is found at start is to be renewed.
    Alone,
    /// A cookie says that somebody is signed in, whatever storage says.
    Jar {
        /// Of the refresh token that another cookie holds.
        generation: u64,
        /// Randomness for the new sign-in.
        entropy: Entropy,
    },
    /// The answer to a request brought a renewed access token along.
    Passed {
        /// What the request was sent with.
        used: Stamp,
        /// The renewed one.
        token: Token,
        /// Randomness for the new generation.
        entropy: Entropy,
    },
    /// The user does something.
    Active,
    /// Whether tokens are to be renewed before anybody asks.
    AutoRefresh(bool),
    /// The client is given up.
    Dispose,
}

/// Which sign-in and generation an access token belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a pair of numbers that the shell hands back")]
pub struct Stamp {
    /// Counts the sessions that this client has seen.
    pub session: u32,
    /// The generation within it.
    pub generation: u64,
}

/// How a refresh ended.
#[non_exhaustive]
pub enum Answer {
    /// The token endpoint answered.
    Http {
        /// The status.
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after: Option<f64>,
        /// The body.
        body: String,
    },
    /// The application's own refresh gave a token response, as JSON.
    Tokens(String),
    /// The application's own refresh was refused.
    Refused {
        /// The error of RFC 6749.
        error: Option<String>,
        /// The `code` beside it, or that of a `TokenError`.
        code: Option<String>,
        /// The reason that the `TokenError` names.
        reason: Option<String>,
        /// Seconds after which to try again.
        retry_after: Option<f64>,
    },
    /// The request failed before there was an answer.
    Unreachable,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Http { .. } => "Http",
            Self::Tokens(_) => "Tokens",
            Self::Refused { .. } => "Refused",
            Self::Unreachable => "Unreachable",
        })
    }
}
