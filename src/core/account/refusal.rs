//! Why no tokens are given, and how that is said: on the wire, to programs, in HTTP ([RFC 6749, section 5.2]).
//!
//! [RFC 6749, section 5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2

use crate::core::error::{Code, Error};

/// Why a refresh gives no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// We did not make this token, or not for this client.
    Invalid,
    /// The record does not know the session.
    Unknown,
    /// Too long since the last refresh.
    Idle,
    /// The session is as old as it may get.
    Expired,
    /// Somebody ended the session.
    Revoked,
    /// A newer sign-in took the session's place.
    Evicted,
    /// An old token came back from somebody who should not have it.
    Reuse,
    /// A newer token of the session exists; nothing was ended.
    Superseded,
    /// Sealed with a secret that this server has yet to learn.
    UnknownSecret,
    /// Written by a newer release, which alone knows what it means.
    NewerRecord,
    /// Others kept writing; nothing was lost.
    Contention,
}

/// How an error leaves through HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wire {
    /// The HTTP status.
    pub status: u16,
    /// `error` of RFC 6749.
    pub error: &'static str,
    /// What a client of ours decides by, beside `invalid_grant`.
    pub code: Option<&'static str>,
}

/// One row for each reason: (our code, its `reason`, the wire's `code`, what to do).
const fn row(refusal: Refusal) -> (Code, &'static str, Option<&'static str>, &'static str) {
    match refusal {
        Refusal::Invalid => (
            Code::RefreshInvalid,
            "invalid",
            Some("invalid"),
            "the refresh token is not one of ours, or another client's; sign in again",
        ),
        Refusal::Unknown => (
            Code::RefreshInvalid,
            "unknown",
            Some("unknown"),
            "the refresh token's session is not known here; sign in again",
        ),
        Refusal::Idle => (
            Code::RefreshExpired,
            "idle",
            Some("idle"),
            "the session was not used for too long; sign in again",
        ),
        Refusal::Expired => (
            Code::RefreshExpired,
            "absolute",
            Some("expired"),
            "the session has reached its end; sign in again",
        ),
        Refusal::Revoked => (
            Code::RefreshRevoked,
            "revoked",
            Some("revoked"),
            "the session was ended; sign in again",
        ),
        Refusal::Evicted => (
            Code::RefreshRevoked,
            "evicted",
            Some("evicted"),
            "a newer sign-in took this session's place; sign in again",
        ),
        Refusal::Reuse => (
            Code::RefreshReused,
            "reuse",
            Some("reuse"),
            "an old refresh token was used again, so the session was ended; sign in again",
        ),
        Refusal::Superseded => (
            Code::RefreshSuperseded,
            "superseded",
            Some("superseded"),
            "a newer refresh token of this session exists; use that one",
        ),
        Refusal::UnknownSecret => (
            Code::RefreshUnavailable,
            "secret",
            None,
            "the token is sealed with a secret that is not among the option secrets; try again later",
        ),
        Refusal::NewerRecord => (
            Code::RefreshUnavailable,
            "schema",
            None,
            "the account was written by a newer release of evertoken; try again later",
        ),
        Refusal::Contention => (
            Code::RefreshUnavailable,
            "contention",
            None,
            "too many writes to this account at once; try again",
        ),
    }
}

impl Refusal {
    /// Every reason there is.
    pub const ALL: &[Self] = &[
        Self::Invalid,
        Self::Unknown,
        Self::Idle,
        Self::Expired,
        Self::Revoked,
        Self::Evicted,
        Self::Reuse,
        Self::Superseded,
        Self::UnknownSecret,
        Self::NewerRecord,
        Self::Contention,
    ];

    /// The reason as an error.
    #[must_use]
    pub fn error(self) -> Error {
        let (code, reason, wire, message) = row(self);
        let error = Error::new(code, message).reason(reason);
        if wire.is_none() { error.retry_after(RETRY_AFTER) } else { error }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        refusal.error()
    }
}

/// Seconds after which what was refused for a while is worth trying again.
const RETRY_AFTER: u32 = 1;

impl Wire {
    /// How this error leaves; `None` where it is the server's own fault and no client's business.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        let matches = |refusal: &&Refusal| {
            let (code, reason, ..) = row(**refusal);
            error.code == code && error.detail().reason == Some(reason)
        };
        if let Some(refusal) = Refusal::ALL.iter().find(matches) {
            let (_, _, code, _) = row(*refusal);
            return Some(match code {
                Some(_) => Self { status: 400, error: "invalid_grant", code },
                None => UNAVAILABLE,
            });
        }
        match error.code {
            Code::Store | Code::RefreshUnavailable => Some(UNAVAILABLE),
            Code::Options => match error.detail().option.as_deref() {
                Some("scope") => Some(Self { status: 400, error: "invalid_scope", code: None }),
                Some("attempt" | "clientId") => Some(Self::INVALID_REQUEST),
                // Only a store knows what was revoked (RFC 7009, section 2.2.1).
                Some("store") => {
                    Some(Self { status: 400, error: "unsupported_token_type", code: None })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is the token that is refused: asking again with it is of no use.
    #[must_use]
    pub const fn is_grant(self) -> bool {
        self.code.is_some()
    }

    /// Whether whoever gets this can forget the session.
    #[must_use]
    pub fn ends(self) -> bool {
        self.code.is_some_and(|code| code != "superseded")
    }

    /// A request that is not as the standard has it.
    pub const INVALID_REQUEST: Self = Self { status: 400, error: "invalid_request", code: None };
    /// A grant that is not given here.
    pub const UNSUPPORTED_GRANT: Self =
        Self { status: 400, error: "unsupported_grant_type", code: None };
}

const UNAVAILABLE: Wire = Wire { status: 503, error: "temporarily_unavailable", code: None };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_own_way_out() {
        let codes: Vec<_> = Refusal::ALL
            .iter()
            .map(|refusal| {
                let error = refusal.error();
                let wire = Wire::of(&error).unwrap();
                assert_eq!(error.code.retryable(), wire.status == 503, "{refusal:?}");
                assert_eq!(error.detail().retry_after.is_some(), wire.status == 503, "{refusal:?}");
                assert_eq!(wire.is_grant(), wire.status == 400, "{refusal:?}");
                assert_eq!(wire.ends(), wire.is_grant() && *refusal != Refusal::Superseded);
                wire.code
            })
            .collect();
        let expected =
            ["invalid", "unknown", "idle", "expired", "revoked", "evicted", "reuse", "superseded"];
        assert_eq!(codes.iter().flatten().copied().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_the_servers_fault_is_no_clients_business() {
        assert_eq!(Wire::of(&Error::option("claims", "")), None);
        assert_eq!(Wire::of(&Error::new(Code::Store, "")), Some(UNAVAILABLE));
    }
}
