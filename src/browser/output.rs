//! What the machine asks for, as JSON for the shell.

use crate::core::json::{Writer, quote};
use crate::core::session::{Event, Item, Output, Snapshot};
use crate::shell::error;

/// One output: `do` names it, the rest is what it needs.
pub(super) fn json(output: &Output) -> String {
    let mut json = Writer::new();
    match output {
        Output::Read { read, in_turn } => {
            json.string("do", "read").int("read", i64::from(*read));
            if *in_turn {
                json.raw("inTurn", "true");
            }
        }
        Output::Write { set, remove } => {
            // Pairs, since an object's members need not keep their order.
            let pair =
                |Item { key, value }: &Item| ["[", &quoted(key), ",", &quoted(value), "]"].concat();
            json.string("do", "write").array("set", set.iter().map(pair));
            json.array("remove", remove.iter().map(|key| quoted(key)));
        }
        Output::Detach => {
            json.string("do", "detach");
        }
        Output::Send { flight, refresh_token, attempt } => {
            json.string("do", "send").int("flight", i64::from(*flight));
            if let Some(token) = refresh_token {
                json.string("refreshToken", token.expose());
            }
            if let Some(attempt) = attempt {
                json.string("attempt", attempt);
            }
        }
        Output::Abort { flight } => {
            json.string("do", "abort").int("flight", i64::from(*flight));
        }
        Output::Revoke { token, caller } => {
            json.string("do", "revoke");
            if let Some(token) = token {
                json.string("refreshToken", token.expose());
            }
            if let Some(caller) = caller {
                json.int("caller", i64::from(caller.0));
            }
        }
        Output::Grant { caller, token } => {
            json.string("do", "grant").int("caller", i64::from(caller.0));
            if let Some((token, stamp)) = token {
                json.string("token", token.expose()).int("session", i64::from(stamp.session));
                count(&mut json, "generation", stamp.generation);
            }
        }
        Output::HandOn { caller } => {
            json.string("do", "handOn").int("caller", i64::from(caller.0));
        }
        Output::Done { caller } => {
            json.string("do", "done").int("caller", i64::from(caller.0));
        }
        Output::Refuse { caller, error } => {
            json.string("do", "refuse").int("caller", i64::from(caller.0));
            json.raw("error", &error::json(error));
        }
        Output::Changed => {
            json.string("do", "tell");
        }
        Output::Event(event) => {
            json.string("do", "tell").string("event", event.name());
            match event {
                Event::RefreshDeferred { error } | Event::Warning { error } => {
                    json.raw("error", &error::json(error));
                }
                Event::Expiring { reason } | Event::Ended { reason } => {
                    json.string("reason", reason.as_str());
                }
                Event::IdleCountdown { ends_at } => {
                    if let Some(instant) = ends_at {
                        json.int("endsAt", *instant);
                    }
                }
                Event::SignedIn | Event::Refreshed | Event::SessionChanged => {}
            }
        }
        Output::Wait(delay) => {
            json.string("do", "wait");
            if let Some(delay) = delay {
                // Rounded up: a timer that fires a fraction early would find nothing due.
                #[allow(clippy::cast_possible_truncation, reason = "it is at most 2^31")]
                json.int("delay", delay.ceil() as i64);
            }
        }
    }
    json.finish()
}

/// The snapshot, as the facade gives it to applications but for its error.
pub(super) fn snapshot(snapshot: &Snapshot) -> String {
    let mut json = Writer::new();
    json.string("status", snapshot.status.as_str());
    if let Some(subject) = &snapshot.subject {
        json.string("subject", subject);
    }
    for (name, instant) in [
        ("expiresAt", snapshot.expires_at),
        ("refreshAt", snapshot.refresh_at),
        ("sessionEndsAt", snapshot.session_ends_at),
    ] {
        if let Some(instant) = instant {
            json.int(name, instant);
        }
    }
    count(&mut json, "generation", snapshot.generation);
    if let Some(error) = &snapshot.last_error {
        json.raw("lastError", &error::json(error));
    }
    if let Some(reason) = snapshot.end_reason {
        json.string("endReason", reason.as_str());
    }
    json.finish()
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(&mut out, text);
    out
}

fn count(json: &mut Writer, name: &str, number: u64) {
    json.int(name, i64::try_from(number).unwrap_or(i64::MAX));
}
