//! What somebody does who issues refresh tokens, and who keeps a session: the pure core, fed by hand.

use evertoken::core::account::codec::{RefreshToken, Secrets, handle, session_id};
use evertoken::core::secret::Secret;
use evertoken::core::session::{Caller, Entropy, Input, Machine, Now, Output, Settings, Status};

#[test]
fn a_refresh_token_is_told_from_a_forged_one() {
    let secrets = |byte| Secrets::new(&[Secret::new(vec![byte; 32])]).unwrap();
    let minted = secrets(1).mint(&handle("us", "ada"), &session_id([2; 12]), 7, "web");
    let parsed = RefreshToken::parse(&minted).unwrap();
    assert_eq!(secrets(1).check(&parsed, "web"), Ok(()));
    assert!(secrets(1).check(&parsed, "other").is_err());
    assert!(secrets(3).check(&parsed, "web").is_err());
}

#[test]
fn a_session_begins_and_gives_its_token() {
    let now = Now { wall: 1_800_000_000_000.0, monotonic: 0.0 };
    let mut machine = Machine::new(Settings::default());
    machine.handle_input(Input::Start, now);
    let mut granted = None;
    let mut begun = false;
    loop {
        let input = match machine.poll_output() {
            Output::Read { read, .. } => Input::Stored { read, items: Vec::new() },
            Output::Wait(_) if !begun => {
                begun = true;
                let answer = r#"{"access_token":"opaque","expires_in":300,"token_type":"Bearer"}"#;
                let json = String::from(answer);
                Input::Tokens { caller: Caller(1), json, entropy: Entropy([4; 32]) }
            }
            Output::Done { caller: Caller(1) } => {
                Input::Ask { caller: Caller(2), min_validity: 0.0, force: false }
            }
            Output::Grant { caller: Caller(2), token } => {
                granted = token;
                continue;
            }
            Output::Wait(_) => break,
            _ => continue,
        };
        machine.handle_input(input, now);
    }
    assert_eq!(machine.snapshot().status, Status::Active);
    assert_eq!(granted.unwrap().0.expose(), "opaque");
}
