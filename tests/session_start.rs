//! What a client begins with, and what comes to it without a refresh: C37, C39, C40, C52 and C54.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::session::{EndReason, Entropy, Input, Stamp, Status, Token};
use evertoken::core::token::base64url;
use sim::{Fault, Got, World};

const T: f64 = sim::LIFE;

/// A tab that opens on what an earlier one stored `asleep` seconds ago.
fn reopened(asleep: f64, lazy: bool) -> (World, usize) {
    let mut world = World::signed_in(&[]);
    world.pass(1.0);
    world.kill(0);
    world.sleep(asleep);
    world.settings.lazy_start = lazy;
    let tab = world.open();
    (world, tab)
}

#[test]
fn c40_a_tab_that_is_alone_begins_with_new_tokens() {
    let (mut world, tab) = reopened(10.0, false);
    world.pass(1.0);
    assert_eq!(world.posts(), 0);
    world.feed(tab, Input::Alone);
    world.pass(1.0);
    assert_eq!((world.posts(), world.server.generation), (1, 1));
    let mut nobody = World::new(&[]);
    let tab = nobody.open();
    nobody.feed(tab, Input::Alone);
    nobody.pass(1.0);
    assert_eq!(nobody.posts(), 0);
}

#[test]
fn tokens_that_are_due_at_a_lazy_start_wait_until_somebody_asks() {
    let (mut world, tab) = reopened(T - 30.0, true);
    world.pass(20.0);
    let caller = world.ask(tab, false);
    assert_eq!(world.token(tab, caller).0, "a0");
    world.pass(3.0 * T);
    assert_eq!((world.posts(), world.status(tab)), (0, Status::Waiting));
    let caller = world.ask(tab, false);
    world.pass(1.0);
    assert_eq!((world.token(tab, caller).0.as_str(), world.posts()), ("a1", 1));
    world.pass(T);
    assert_eq!(world.posts(), 2, "from then on they are renewed as ever");
    let (mut world, _) = reopened(10.0, true);
    world.pass(T);
    assert_eq!(world.posts(), 1, "what is not due at start is renewed in time");
}

#[test]
fn tokens_from_a_time_to_come_wait_at_a_lazy_start_as_well() {
    let mut world = World::signed_in(&[]);
    world.kill(0);
    world.skew = -3_600e3;
    world.settings.lazy_start = true;
    let tab = world.open();
    world.pass(3.0 * T);
    assert_eq!((world.posts(), world.status(tab)), (0, Status::Waiting));
    let caller = world.ask(tab, false);
    world.pass(1.0);
    assert_eq!((world.token(tab, caller).0.as_str(), world.posts()), ("a1", 1));
}

fn entropy(byte: u8) -> Entropy {
    Entropy([byte; 32])
}

fn cookie_world() -> World {
    let mut world = World::new(&[]);
    world.settings.cookie = true;
    world.settings.own_refresh = true;
    world
}

#[test]
fn c37_whoever_is_signed_in_by_a_cookie_needs_nothing_stored() {
    let mut world = cookie_world();
    world.server.generation = 4;
    let tab = world.open();
    world.feed(tab, Input::Jar { generation: 4, entropy: entropy(200) });
    let caller = world.ask(tab, false);
    world.pass(1.0);
    assert_eq!(world.token(tab, caller).0, "a5");
    let other = world.open();
    world.feed(other, Input::Jar { generation: 5, entropy: entropy(201) });
    let caller = world.ask(other, false);
    assert_eq!(world.token(other, caller).0, "a5");
    world.pass(T);
    assert!(world.server.posts.iter().all(|(_, attempt)| attempt.is_some()));
    assert_eq!(world.status(tab), Status::Active);
}

#[test]
fn c37_a_cookie_that_the_server_does_not_know_signs_nobody_in() {
    let mut world = cookie_world();
    let unknown = Fault::Status(400, r#"{"error":"invalid_grant","code":"unknown"}"#, None);
    world.server.faults = vec![unknown];
    let tab = world.open();
    world.feed(tab, Input::Jar { generation: 0, entropy: entropy(200) });
    let caller = world.ask(tab, false);
    world.pass(3.0);
    assert!(matches!(world.got(tab, caller), Some(Got::Refused(error)) if !error.code.retryable()));
    assert_eq!((world.posts(), world.storage.len()), (1, 0));
}

#[test]
fn c37_a_sign_out_needs_no_token_and_what_comes_late_is_revoked_as_well() {
    let mut world = cookie_world();
    world.server.faults = vec![Fault::Slow(2_000.0)];
    let tab = world.open();
    world.feed(tab, Input::Jar { generation: 0, entropy: entropy(200) });
    let done = world.sign_out(tab);
    assert_eq!(world.got(tab, done), Some(Got::Done));
    assert_eq!(world.server.revoked.len(), 1);
    world.pass(5.0);
    assert_eq!((world.server.revoked.len(), world.storage.len()), (2, 0));
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::SignedOut));
    let done = world.sign_out(tab);
    assert_eq!((world.got(tab, done), world.server.revoked.len()), (Some(Got::Done), 3));
}

#[test]
fn c37_a_late_answer_does_not_revoke_whoever_signed_in_since() {
    let mut world = cookie_world();
    world.server.faults = vec![Fault::Slow(2_000.0)];
    let tab = world.open();
    world.feed(tab, Input::Jar { generation: 0, entropy: entropy(200) });
    world.sign_out(tab);
    let json = String::from(r#"{"access_token":"a9","expires_in":300}"#);
    world.ends.insert(9, world.at + T * 1e3);
    world.sign_in_with(tab, json);
    world.pass(5.0);
    assert_eq!((world.server.revoked.len(), world.status(tab)), (1, Status::Active));
}

fn jwt(claims: &str) -> Token {
    Token::new(["e30", &base64url::encode(claims.as_bytes()), "AA"].join("."))
}

fn token(iat: u32, exp: u32) -> Token {
    jwt(&format!(r#"{{"sub":"ann","sid":"h.s","iat":{iat},"exp":{exp}}}"#))
}

fn held(world: &World, tab: usize) -> String {
    let claims = world.tabs[tab].machine.claims_json().unwrap();
    let (_, rest) = claims.split_once(r#""iat":"#).unwrap();
    rest.split(',').next().unwrap().to_owned()
}

/// One token, issued at 1000 for five minutes, and nothing to renew it with.
fn one_token() -> World {
    let mut world = World::new(&[]);
    world.settings.can_refresh = false;
    let tab = world.open();
    let json = format!(r#"{{"access_token":"{}"}}"#, token(1_000, 1_300).expose());
    world.sign_in_with(tab, json);
    world
}

const USED: Stamp = Stamp { session: 1, generation: 1 };

fn pass_along(world: &mut World, tab: usize, token: Token) {
    world.feed(tab, Input::Passed { used: USED, token, entropy: entropy(99) });
}

#[test]
fn c39_a_renewed_token_replaces_the_old_one_in_all_tabs_and_an_older_one_does_not() {
    let mut world = one_token();
    let other = world.open();
    world.pass(250.0);
    pass_along(&mut world, 0, token(1_240, 1_540));
    world.feed(other, Input::StorageChanged);
    assert_eq!((held(&world, 0), held(&world, other)), ("1240".into(), "1240".into()));
    pass_along(&mut world, other, token(1_200, 1_500));
    pass_along(&mut world, 0, token(1_240, 9_999));
    assert_eq!((held(&world, 0), held(&world, other)), ("1240".into(), "1240".into()));
    // Ten seconds of it had passed when it came.
    world.pass(289.0);
    assert_eq!((world.status(0), world.status(other)), (Status::Active, Status::Active));
    world.pass(1.5);
    assert_eq!((world.status(0), world.status(other)), (Status::Ended, Status::Ended));
    assert_eq!(world.posts(), 0);
}

#[test]
fn c14_c39_the_one_token_is_no_younger_after_a_reload_although_the_clock_was_set_back() {
    let mut world = one_token();
    world.pass(200.0);
    world.set_clock(-150e3);
    assert_eq!(world.status(0), Status::Active);
    world.kill(0);
    let tab = world.open();
    world.pass(99.0);
    assert_eq!(world.status(tab), Status::Active);
    world.pass(1.5);
    assert_eq!(world.status(tab), Status::Ended);
}

#[test]
fn c54_a_token_of_another_session_or_user_is_ignored() {
    let mut world = one_token();
    for claims in [
        r#"{"sub":"bob","sid":"h.s","iat":1100,"exp":1400}"#,
        r#"{"sub":"ann","sid":"h.t","iat":1100,"exp":1400}"#,
        r#"{"sub":"ann","iat":1100,"exp":1400}"#,
        r#"{"sid":"h.s","iat":1100,"exp":1400}"#,
        r#"{"sub":"ann","sid":"h.s","exp":1400}"#,
        r#"{"sub":"ann","sid":"h.s","iat":1100}"#,
    ] {
        pass_along(&mut world, 0, jwt(claims));
    }
    pass_along(&mut world, 0, Token::new("opaque".into()));
    let used = Stamp { session: 2, generation: 1 };
    world.feed(0, Input::Passed { used, token: token(1_100, 1_400), entropy: entropy(9) });
    assert_eq!((held(&world, 0), world.tabs[0].events.len()), ("1000".into(), 1));
}

#[test]
fn c39_a_refresh_whose_answer_was_lost_keeps_its_attempt() {
    let mut world = World::new(&[Fault::AnswerLost]);
    let tab = world.open();
    let json =
        format!(r#"{{"access_token":"{}","refresh_token":"r0"}}"#, token(1_000, 1_300).expose());
    world.sign_in_with(tab, json);
    world.ask(tab, true);
    world.pass(0.5);
    pass_along(&mut world, tab, token(1_010, 1_310));
    assert_eq!(held(&world, tab), "1010");
    world.pass(T);
    assert_eq!(world.server.posts[0].1, world.server.posts[1].1);
    assert!(!world.server.reused);
}
