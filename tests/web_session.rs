//! The session's handle in real browsers: what the page's shell tells it, and what it answers.

#![cfg(all(target_arch = "wasm32", feature = "wasm", feature = "client"))]

use evertoken::browser::session::Session;
use js_sys::{JSON, Reflect};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const NOW: (f64, f64) = (1_800_000_000_000.0, 5_000.0);

fn session() -> Session {
    let settings = r#"{"storageKey":"k","refreshBeforeExpiry":60,"requestTimeout":15,"lockWait":5,
        "autoRefresh":true,"canRefresh":true,"canRevoke":true,"origins":["https://a.example"],"seed":0.5}"#;
    Session::new(settings)
}

fn tell(session: &Session, what: &str) {
    session.tell(what, NOW.0, NOW.1);
}

/// Everything that is to be done, the waiting included.
fn outputs(session: &Session) -> Vec<String> {
    let mut outputs = Vec::new();
    loop {
        outputs.push(session.poll());
        if outputs.last().unwrap().contains(r#""do":"wait""#) {
            return outputs;
        }
    }
}

/// A session that read an empty storage and was signed in.
fn signed_in() -> Session {
    let session = session();
    tell(&session, r#"{"do":"start"}"#);
    assert_eq!(outputs(&session)[0], r#"{"do":"read","read":1}"#);
    tell(&session, r#"{"do":"stored","read":1,"items":[]}"#);
    outputs(&session);
    let tokens = r#"{\"access_token\":\"a0\",\"refresh_token\":\"r0\",\"expires_in\":300}"#;
    let entropy = r"\u0001".repeat(32);
    tell(
        &session,
        &format!(r#"{{"do":"tokens","caller":7,"json":"{tokens}","entropy":"{entropy}"}}"#),
    );
    assert_eq!(outputs(&session)[0], r#"{"do":"read","read":2}"#);
    tell(&session, r#"{"do":"stored","read":2,"items":[]}"#);
    session
}

#[wasm_bindgen_test]
fn a_sign_in_is_stored_settled_and_waited_on() {
    let session = signed_in();
    let outputs = outputs(&session);
    assert!(outputs[0].starts_with(r#"{"do":"write","set":[["k:"#), "{outputs:?}");
    assert!(outputs.contains(&String::from(r#"{"do":"done","caller":7}"#)), "{outputs:?}");
    assert!(outputs.contains(&String::from(r#"{"do":"tell","event":"signedIn"}"#)), "{outputs:?}");
    assert!(session.snapshot().starts_with(r#"{"status":"active","expiresAt":1800000300,"#));
}

#[wasm_bindgen_test]
fn a_token_at_hand_serves_until_it_is_due() {
    let session = signed_in();
    outputs(&session);
    tell(&session, r#"{"do":"ask","caller":8,"seconds":0,"force":false}"#);
    let grant = r#"{"do":"grant","caller":8,"token":"a0","session":1,"generation":1}"#;
    assert_eq!(outputs(&session)[0], grant);
    let serves = |seconds, later| session.serves(1, 1.0, seconds, NOW.0 + later, NOW.1 + later);
    assert!(serves(0.0, 0.0) && serves(300.0, 0.0));
    assert!(serves(301.0, 0.0), "no token of this server lives longer");
    assert!(!serves(301.0, 80_000.0) && serves(200.0, 80_000.0));
    assert!(!session.serves(1, 2.0, 0.0, NOW.0, NOW.1), "it is of another generation");
    assert!(!serves(0.0, 240_000.0), "it is to be renewed by then");
}

#[wasm_bindgen_test]
fn an_old_token_is_renewed() {
    let session = signed_in();
    let written = JSON::parse(&outputs(&session)[0]).unwrap();
    tell(&session, r#"{"do":"ask","caller":9,"seconds":0,"force":true}"#);
    assert_eq!(outputs(&session)[0], r#"{"do":"read","read":3,"inTurn":true}"#);
    // Each item as it was written: the session is still the one that it knows.
    let items = JSON::stringify(&Reflect::get(&written, &"set".into()).unwrap()).unwrap();
    tell(&session, &format!(r#"{{"do":"stored","read":3,"items":{items}}}"#));
    let sent = outputs(&session).into_iter().find(|output| output.contains("send")).unwrap();
    assert!(
        sent.starts_with(r#"{"do":"send","flight":"#) && sent.contains(r#""refreshToken":"r0""#)
    );
    assert!(session.may_see("https://a.example") && !session.may_see("https://b.example"));
}

#[wasm_bindgen_test]
fn what_cannot_be_read_means_that_time_has_passed() {
    let session = signed_in();
    outputs(&session);
    for unreadable in ["", "no json", r#"{"do":"stored","items":"\ud800"}"#, r#"{"do":"other"}"#] {
        tell(&session, unreadable);
        assert!(outputs(&session)[0].starts_with(r#"{"do":"wait""#), "{unreadable}");
    }
}
