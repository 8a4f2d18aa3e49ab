//! What an application sees of its session.

use crate::core::error::{Code, Error};

/// Where the session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Storage has not been read yet.
    Loading,
    /// Nobody is signed in.
    SignedOut,
    /// There is an access token that lives.
    Active,
    /// A refresh is under way.
    Refreshing,
    /// The access token is over and a new one cannot be had now.
    Waiting,
    /// The session is over, and not because its user said so here.
    Ended,
}

impl Status {
    /// The status as users see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::SignedOut => "signedOut",
            Self::Active => "active",
            Self::Refreshing => "refreshing",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
        }
    }
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndReason {
    /// Its user signed out.
    SignedOut,
    /// Its absolute end has come, or its token cannot be renewed.
    Expired,
    /// It was not used for too long.
    Idle,
    /// It was revoked at the server.
    Revoked,
    /// An old refresh token of it was used again.
    Reuse,
    /// Too many other sessions were started.
    Evicted,
    /// What was stored is gone.
    Storage,
    /// Somebody else signed in.
    Replaced,
    /// The server refused without a reason.
    Refused,
}

impl EndReason {
    /// The reason as users see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signedOut",
            Self::Expired => "expired",
            Self::Idle => "idle",
            Self::Revoked => "revoked",
            Self::Reuse => "reuse",
            Self::Evicted => "evicted",
            Self::Storage => "storage",
            Self::Replaced => "replaced",
            Self::Refused => "refused",
        }
    }

    /// The reason behind `invalid_grant`, by the `code` that the server gives with it.
    #[must_use]
    pub fn from_wire(code: Option<&str>) -> Self {
        match code {
            Some("expired") => Self::Expired,
            Some("idle") => Self::Idle,
            Some("revoked") => Self::Revoked,
            Some("reuse") => Self::Reuse,
            Some("evicted") => Self::Evicted,
            _ => Self::Refused,
        }
    }

    /// Whether the access token must not be used any more either.
    pub(super) const fn ends_now(self) -> bool {
        !matches!(self, Self::Expired | Self::Idle | Self::Refused)
    }

    /// The error for callers who wait for a token of the session.
    pub(super) fn error(self) -> Error {
        match self {
            Self::Idle => {
                Error::new(Code::RefreshExpired, "the session was unused for too long; sign in")
                    .reason("idle")
            }
            Self::Expired => {
                Error::new(Code::RefreshExpired, "the session has reached its end; sign in again")
                    .reason("absolute")
            }
            Self::Revoked | Self::Evicted => {
                Error::new(Code::RefreshRevoked, "the session was ended elsewhere; sign in again")
                    .reason(self.as_str())
            }
            Self::Reuse => Error::new(
                Code::RefreshReused,
                "an old refresh token of the session was used again, so it was ended; sign in again",
            ),
            Self::Refused => {
                Error::new(Code::RefreshInvalid, "the server refuses to renew the session; sign in")
            }
            Self::SignedOut | Self::Storage | Self::Replaced => {
                Error::new(Code::SessionEnded, "the session is over; sign in again")
                    .reason(self.as_str())
            }
        }
    }
}

/// The session at one moment; a new one exists only when something in it has changed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Where the session stands.
    pub status: Status,
    /// Whose session it is: the access token's `sub`.
    pub subject: Option<String>,
    /// When the access token is over, in Unix seconds of this host's clock.
    pub expires_at: Option<i64>,
    /// When the tokens are to be renewed, in Unix seconds of this host's clock.
    pub refresh_at: Option<i64>,
    /// When the session is over in any case, in Unix seconds of this host's clock.
    pub session_ends_at: Option<i64>,
    /// How often the tokens were renewed, by the server's count or else by our own.
    pub generation: u64,
    /// What the last try to renew them met with.
    pub last_error: Option<Error>,
    /// Why the session is over.
    pub end_reason: Option<EndReason>,
}

impl Snapshot {
    pub(super) const fn new(status: Status) -> Self {
        Self {
            status,
            subject: None,
            expires_at: None,
            refresh_at: None,
            session_ends_at: None,
            generation: 0,
            last_error: None,
            end_reason: None,
        }
    }
}
