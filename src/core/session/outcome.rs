//! What a refresh came to, by the error and the `code` that the server names and not by the status
//! ([RFC 6749, section 5.2]).
//!
//! [RFC 6749, section 5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2

use super::input::Answer;
use super::response::Response;
use super::snapshot::EndReason;
use crate::core::error::{Code, Error};
use crate::core::json::Object;

/// The three outcomes, and the question whether somebody else was faster.
#[derive(Debug)]
pub(super) enum Outcome {
    /// There are new tokens.
    Refreshed(Response),
    /// Keep what there is and try again.
    Later {
        error: Error,
        /// Seconds that the server asked for.
        asked: Option<f64>,
        /// Whether the server was not reached at all.
        offline: bool,
    },
    /// A newer refresh token of the same session exists.
    Superseded,
    /// No more tokens for this session.
    Over(EndReason),
}

impl Outcome {
    /// Reads an answer, received at `wall` (milliseconds since 1970).
    pub(super) fn of(answer: &Answer, wall: f64) -> Self {
        match answer {
            Answer::Http { status: status @ 200..=299, body, .. } => {
                Self::tokens(body, wall).answered(*status)
            }
            Answer::Tokens(json) => Self::tokens(json, wall),
            Answer::Http { status, body, retry_after } => {
                let object = Object::parse(body.as_bytes()).unwrap_or_default();
                let (error, code) = (object.string("error"), object.string("code"));
                Self::refusal(error, code, None, *retry_after).answered(*status)
            }
            Answer::Refused { error, code, reason, retry_after } => {
                Self::refusal(error.as_deref(), code.as_deref(), reason.as_deref(), *retry_after)
            }
            Answer::Unreachable => Self::Later { error: UNREACHABLE, asked: None, offline: true },
        }
    }

    /// The outcome where the answer did not come in time.
    pub(super) const fn timeout() -> Self {
        Self::Later { error: TIMEOUT, asked: None, offline: true }
    }

    /// The same, with what it was answered with where that is not to be seen otherwise.
    fn answered(self, status: u16) -> Self {
        match self {
            Self::Later { error, asked, offline } => {
                Self::Later { error: error.status(status), asked, offline }
            }
            clear => clear,
        }
    }

    fn tokens(json: &str, wall: f64) -> Self {
        match Response::parse(json, wall) {
            Ok(response) => Self::Refreshed(response),
            Err(error) => Self::Later { error, asked: None, offline: false },
        }
    }

    fn refusal(
        error: Option<&str>,
        code: Option<&str>,
        reason: Option<&str>,
        asked: Option<f64>,
    ) -> Self {
        match (error, code) {
            (Some("invalid_grant"), Some("superseded")) | (_, Some("ERR_REFRESH_SUPERSEDED")) => {
                Self::Superseded
            }
            (Some("invalid_grant"), code) => Self::Over(EndReason::from_wire(code)),
            (_, Some("ERR_REFRESH_EXPIRED")) if reason == Some("idle") => {
                Self::Over(EndReason::Idle)
            }
            (_, Some("ERR_REFRESH_EXPIRED" | "ERR_SESSION_ENDED")) => {
                Self::Over(EndReason::Expired)
            }
            (_, Some("ERR_REFRESH_REVOKED")) if reason == Some("evicted") => {
                Self::Over(EndReason::Evicted)
            }
            (_, Some("ERR_REFRESH_REVOKED" | "ERR_TOKEN_REVOKED")) => {
                Self::Over(EndReason::Revoked)
            }
            (_, Some("ERR_REFRESH_REUSED")) => Self::Over(EndReason::Reuse),
            (_, Some("ERR_REFRESH_INVALID")) => Self::Over(EndReason::Refused),
            (
                Some(
                    "invalid_request"
                    | "invalid_client"
                    | "unauthorized_client"
                    | "unsupported_grant_type"
                    | "invalid_scope",
                ),
                _,
            ) => Self::Later { error: MISCONFIGURED, asked, offline: false },
            _ => Self::Later { error: UNAVAILABLE, asked, offline: false },
        }
    }
}

const UNREACHABLE: Error = Error::new(
    Code::RefreshUnavailable,
    "the token endpoint was not reached; the session is kept and the refresh is tried again",
);
const TIMEOUT: Error = Error::new(
    Code::RefreshUnavailable,
    "the token endpoint did not answer in time; the session is kept and the refresh is tried again",
);
const UNAVAILABLE: Error = Error::new(
    Code::RefreshUnavailable,
    "the token endpoint cannot refresh now; the session is kept and the refresh is tried again",
);
const MISCONFIGURED: Error = Error::new(
    Code::RefreshUnavailable,
    "the token endpoint refuses this client's request, not its session: compare clientId and \
     tokenEndpoint with what the server expects",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Outcome {
        let answer = Answer::Http { status, body: body.into(), retry_after: Some(3.0) };
        Outcome::of(&answer, 0.0)
    }

    #[test]
    fn the_error_decides_and_not_the_status() {
        for status in [400, 401, 403, 429, 500, 503] {
            for (body, reason) in [
                (r#"{"error":"invalid_grant"}"#, EndReason::Refused),
                (r#"{"error":"invalid_grant","code":"unknown"}"#, EndReason::Refused),
                (r#"{"error":"invalid_grant","code":"reuse"}"#, EndReason::Reuse),
                (r#"{"error":"invalid_grant","code":"idle"}"#, EndReason::Idle),
                (r#"{"error":"invalid_grant","code":"evicted"}"#, EndReason::Evicted),
            ] {
                assert!(matches!(of(status, body), Outcome::Over(r) if r == reason), "{body}");
            }
            let superseded = r#"{"error":"invalid_grant","code":"superseded"}"#;
            assert!(matches!(of(status, superseded), Outcome::Superseded));
        }
    }

    #[test]
    fn whatever_is_not_a_clear_end_keeps_the_session() {
        for (status, body) in [
            (400, ""),
            (400, "<html>"),
            (401, "{}"),
            (404, "not found"),
            (408, ""),
            (429, "{}"),
            (500, r#"{"error":"server_error"}"#),
            (503, r#"{"error":"temporarily_unavailable"}"#),
            (400, r#"{"error":"invalid_client"}"#),
            (200, "<html>captive portal"),
            (200, "{}"),
        ] {
            assert!(matches!(of(status, body), Outcome::Later { .. }), "{status} {body}");
        }
        let Outcome::Later { asked, offline, error } = of(429, "{}") else { panic!() };
        assert_eq!((asked, offline, error.detail().status), (Some(3.0), false, Some(429)));
        let Outcome::Later { error, .. } = of(200, "<html>") else { panic!() };
        assert_eq!(error.detail().status, Some(200));
    }

    #[test]
    fn a_callback_may_speak_either_language() {
        let because = |error: Option<&str>, code: Option<&str>, reason: Option<&str>| {
            let own = |text: Option<&str>| text.map(String::from);
            let (error, code, reason) = (own(error), own(code), own(reason));
            Outcome::of(&Answer::Refused { error, code, reason, retry_after: None }, 0.0)
        };
        let refused = |error, code| because(error, code, None);
        for (code, reason, end) in [
            ("ERR_REFRESH_EXPIRED", "idle", EndReason::Idle),
            ("ERR_REFRESH_EXPIRED", "absolute", EndReason::Expired),
            ("ERR_REFRESH_REVOKED", "evicted", EndReason::Evicted),
            ("ERR_SESSION_ENDED", "", EndReason::Expired),
            ("ERR_TOKEN_REVOKED", "", EndReason::Revoked),
        ] {
            let outcome = because(None, Some(code), Some(reason));
            assert!(matches!(outcome, Outcome::Over(it) if it == end), "{code} {reason}");
        }
        assert!(matches!(
            refused(None, Some("ERR_REFRESH_REUSED")),
            Outcome::Over(EndReason::Reuse)
        ));
        assert!(matches!(refused(None, Some("ERR_REFRESH_SUPERSEDED")), Outcome::Superseded));
        assert!(matches!(
            refused(Some("invalid_grant"), Some("revoked")),
            Outcome::Over(EndReason::Revoked)
        ));
        assert!(matches!(refused(None, Some("ECONNRESET")), Outcome::Later { .. }));
        assert!(matches!(refused(None, None), Outcome::Later { .. }));
    }
}
