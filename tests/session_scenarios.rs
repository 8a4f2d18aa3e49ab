//! The client's scenarios, on a virtual clock.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::error::Code;
use evertoken::core::session::{Caller, EndReason, Input, Status};
use sim::{Fault, Got, World};

const T: f64 = sim::LIFE;

#[test]
fn c1_fifty_calls_with_an_expired_token_make_one_refresh() {
    let mut world = World::signed_in(&[]);
    world.sleep(T + 1.0);
    let callers: Vec<_> = (0..50).map(|_| world.ask(0, false)).collect();
    world.pass(1.0);
    assert_eq!(world.posts(), 1);
    assert!(callers.iter().all(|caller| world.token(0, *caller).0 == "a1"));
}

#[test]
fn c6_a_lost_answer_is_asked_for_again_with_the_same_attempt() {
    let mut world = World::signed_in(&[Fault::AnswerLost, Fault::AnswerLost]);
    world.pass(T - 20.0);
    assert_eq!(world.posts(), 3);
    let attempts: Vec<_> = world.server.posts.iter().map(|(_, attempt)| attempt.clone()).collect();
    assert!(attempts[0].as_ref().is_some_and(|attempt| (22..=64).contains(&attempt.len())));
    assert!(attempts.iter().all(|attempt| *attempt == attempts[0]));
    assert_eq!((world.server.generation, world.server.reused), (1, false));
    assert_eq!(world.status(0), Status::Active);
    world.pass(10.0 * T);
    assert!(!world.server.ended);
}

#[test]
fn c7_after_a_reload_between_send_and_answer_the_stored_attempt_is_sent_again() {
    for asleep in [0.0, 30.0, 3.0 * 86_400.0] {
        let mut world = World::signed_in(&[Fault::Slow(14_000.0)]);
        world.pass(T - 58.0);
        assert_eq!(world.posts(), 1);
        world.kill(0);
        world.sleep(asleep);
        let tab = world.open();
        let caller = world.ask(tab, true);
        world.pass(20.0);
        assert_eq!(world.token(tab, caller).0, "a1");
        assert_eq!(world.server.posts[0].1, world.server.posts[1].1);
        assert!(!world.server.reused);
    }
}

#[test]
fn c9_retry_after_is_obeyed_while_the_token_serves() {
    let mut world = World::signed_in(&[Fault::Status(429, "", Some(30.0))]);
    world.pass(T - 55.0);
    let caller = world.ask(0, false);
    assert_eq!(world.token(0, caller).0, "a0");
    world.pass(54.0);
    assert_eq!(world.posts(), 2);
    assert!(world.server.posts[1].0 - world.server.posts[0].0 >= 30_000.0);
    let deferred = world.tabs[0].events.iter().filter(|event| **event == "refreshDeferred").count();
    assert_eq!(deferred, 1);
}

#[test]
fn c10_c11_an_outage_costs_tries_and_not_the_session() {
    let mut world = World::signed_in(&vec![Fault::Unreachable; 500]);
    world.pass(T + 1.0);
    let before = world.posts();
    for _ in 0..1_000 {
        let caller = world.ask(0, false);
        world.pass(0.6);
        let Some(Got::Refused(error)) = world.got(0, caller) else { panic!() };
        assert!(error.code.retryable() && error.detail().retry_after.is_some());
    }
    assert!(world.posts() - before <= 15, "{} tries in ten minutes", world.posts() - before);
    assert_eq!(world.status(0), Status::Waiting);
    world.server.faults.clear();
    let before = world.posts();
    world.feed(0, Input::Online);
    world.pass(1.0);
    assert_eq!(world.posts() - before, 1);
    assert_eq!(world.status(0), Status::Active);
}

#[test]
fn c10_what_an_answer_took_is_not_added_to_the_life_of_its_token() {
    let mut world = World::signed_in(&[Fault::Slow(14_000.0)]);
    world.pass(T);
    assert_eq!(world.posts(), 1);
    world.server.faults = vec![Fault::Unreachable; 100];
    // Until the token that came 14 s after it was made is over; the harness knows when that is.
    for _ in 0..600 {
        world.pass(1.0);
        world.ask(0, false);
    }
    assert_eq!(world.status(0), Status::Waiting);
}

#[test]
fn c12_a_refusal_without_a_reason_lets_the_token_serve_to_its_end() {
    let refusal = Fault::Status(400, r#"{"error":"invalid_grant"}"#, None);
    let mut world = World::signed_in(&[refusal]);
    world.pass(T - 10.0);
    let caller = world.ask(0, false);
    assert_eq!(world.token(0, caller).0, "a0");
    world.pass(11.0);
    assert_eq!(world.tabs[0].events, ["signedIn", "expiring", "refused", "ended"]);
    assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Refused));
    assert_eq!((world.posts(), world.storage.len()), (1, 0));
}

#[test]
fn c12_a_clear_end_ends_at_once_in_one_event() {
    for code in ["revoked", "reuse", "evicted"] {
        let body = match code {
            "revoked" => r#"{"error":"invalid_grant","code":"revoked"}"#,
            "reuse" => r#"{"error":"invalid_grant","code":"reuse"}"#,
            _ => r#"{"error":"invalid_grant","code":"evicted"}"#,
        };
        let mut world = World::signed_in(&[Fault::Status(400, body, None)]);
        let caller = world.ask(0, true);
        world.pass(1.0);
        assert!(
            matches!(world.got(0, caller), Some(Got::Refused(error)) if !error.code.retryable())
        );
        assert_eq!(world.tabs[0].events, ["signedIn", code, "ended"]);
        assert!(world.storage.is_empty());
    }
}

#[test]
fn c13_one_failed_fetch_in_a_proactive_refresh_is_made_good_before_expiry() {
    let mut world = World::signed_in(&[Fault::Unreachable]);
    world.pass(T - 30.0);
    assert_eq!((world.posts(), world.server.generation), (2, 1));
    assert_eq!(world.tabs[0].events, ["signedIn", "refreshDeferred", "refreshed"]);
}

#[test]
fn c15_the_first_call_after_a_long_sleep_waits_for_one_refresh() {
    let mut world = World::signed_in(&[]);
    world.sleep(8.0 * 3_600.0);
    let caller = world.ask(0, false);
    assert_eq!(world.got(0, caller), None);
    world.pass(1.0);
    assert_eq!((world.token(0, caller).0.as_str(), world.posts()), ("a1", 1));
}

#[test]
fn c17_a_token_of_thirty_days_is_left_in_peace_until_a_minute_before_its_end() {
    const MONTH: f64 = 30.0 * 86_400.0;
    let mut world = World::new(&[]);
    let tab = world.open();
    let json = format!(r#"{{"access_token":"a0","expires_in":{MONTH},"refresh_token":"r0"}}"#);
    world.sign_in_with(tab, json);
    world.pass(MONTH - 70.0);
    assert_eq!(world.posts(), 0);
    world.pass(11.0);
    assert_eq!((world.posts(), world.status(tab)), (1, Status::Active));
}

#[test]
fn c19_late_and_early_401s_share_one_refresh() {
    let mut world = World::signed_in(&[]);
    let caller = world.ask(0, false);
    let (_, used) = world.token(0, caller);
    let (first, second) = (world.unauthorized(0, used), world.unauthorized(0, used));
    world.pass(1.0);
    let late = world.unauthorized(0, used);
    for caller in [first, second, late] {
        assert_eq!(world.token(0, caller).0, "a1");
    }
    assert_eq!(world.posts(), 1);
}

#[test]
fn c20_an_api_that_refuses_every_token_costs_one_refresh_and_later_ones_follow_a_back_off() {
    let mut world = World::signed_in(&[]);
    let caller = world.ask(0, false);
    let (_, mut used) = world.token(0, caller);
    for refreshes in [1, 2] {
        let caller = world.unauthorized(0, used);
        world.pass(0.2);
        used = world.token(0, caller).1;
        world.feed(0, Input::Replayed { used, accepted: false });
        assert_eq!(world.posts(), refreshes);
    }
    let caller = world.unauthorized(0, used);
    assert_eq!(world.got(0, caller), Some(Got::HandedOn));
    world.pass(2.0);
    let caller = world.unauthorized(0, used);
    world.pass(0.2);
    world.token(0, caller);
    assert_eq!(world.posts(), 3);
}

#[test]
fn c21_everybody_who_waits_is_told_when_the_refresh_fails() {
    let mut world = World::signed_in(&[Fault::Status(503, "", None)]);
    world.sleep(T + 1.0);
    let callers: Vec<_> = (0..20).map(|_| world.ask(0, false)).collect();
    let caller = world.ask(0, false);
    world.pass(0.2);
    for caller in callers.into_iter().chain([caller]) {
        assert!(matches!(world.got(0, caller), Some(Got::Refused(error))
            if error.code == Code::RefreshUnavailable));
    }
}

#[test]
fn c24_a_sign_out_during_a_refresh_stays_one() {
    let mut world = World::signed_in(&[Fault::Slow(2_000.0)]);
    let (token, replay) = (world.ask(0, true), world.ask(0, true));
    let done = world.sign_out(0);
    assert_eq!(world.got(0, token), Some(Got::Nobody));
    assert_eq!(world.got(0, replay), Some(Got::Nobody));
    assert_eq!(world.got(0, done), Some(Got::Done));
    world.pass(10.0);
    assert!(world.storage.is_empty());
    assert_eq!(world.server.revoked, ["r0", "r1"]);
    assert_eq!(world.tabs[0].events, ["signedIn", "signedOut", "ended"]);
    assert_eq!(world.status(0), Status::SignedOut);
}

#[test]
fn c24_a_sign_out_waits_no_longer_than_a_request_may_take() {
    let mut world = World::signed_in(&[]);
    world.server.deaf = true;
    let done = world.sign_out(0);
    world.pass(14.9);
    assert_eq!((world.status(0), world.got(0, done)), (Status::SignedOut, None));
    world.pass(0.2);
    assert_eq!(world.got(0, done), Some(Got::Done));
    world.feed(0, Input::Revoked { caller: Some(Caller(done)), accepted: false });
    assert_eq!(world.got(0, done), Some(Got::Done));
    assert_eq!(world.tabs[0].events, ["signedIn", "signedOut", "ended", "warning"]);
    assert_eq!(world.tabs[0].wake_at, None);
}

#[test]
fn c24_a_client_given_up_in_the_midst_of_a_sign_out_still_tells_the_server() {
    let mut world = World::signed_in(&[]);
    world.server.deaf = true;
    world.give_up_at("ended");
    let done = world.sign_out(0);
    assert_eq!(world.got(0, done), Some(Got::Done));
    assert_eq!(world.server.revoked, ["r0"]);
}

#[test]
fn c28_a_tab_whose_user_was_replaced_never_mixes_the_two() {
    let mut world = World::signed_in(&[Fault::Slow(2_000.0)]);
    let caller = world.ask(0, true);
    let other = world.open();
    world.server.generation = 7;
    world.sign_in(other);
    world.feed(0, Input::StorageChanged);
    assert!(
        matches!(world.got(0, caller), Some(Got::Refused(error)) if error.code == Code::SessionEnded)
    );
    world.pass(5.0);
    let caller = world.ask(0, false);
    assert_eq!(world.token(0, caller).0, "a7");
    assert_eq!(world.tabs[0].events, ["signedIn", "sessionChanged"]);
}

#[test]
fn c43_a_thief_two_generations_ahead_is_found_out() {
    let superseded = Fault::Status(400, r#"{"error":"invalid_grant","code":"superseded"}"#, None);
    let mut world = World::signed_in(&[superseded]);
    world.server.generation = 2;
    let caller = world.ask(0, true);
    world.pass(6.0);
    assert!(matches!(world.got(0, caller), Some(Got::Refused(error)) if error.code.retryable()));
    world.pass(T);
    assert_eq!(world.server.posts[1].1, None);
    assert!(world.server.posts[1].0 - world.server.posts[0].0 >= 35_000.0);
    assert_eq!(world.tabs[0].events, ["signedIn", "refreshDeferred", "reuse", "ended"]);
}

#[test]
fn c47_what_a_newer_release_stored_is_left_alone() {
    let mut world = World::new(&[]);
    let item = evertoken::core::session::Item {
        key: String::from("evertoken"),
        value: String::from(r#"{"v":2}"#),
    };
    world.storage.push(item.clone());
    world.open();
    assert_eq!(world.tabs[0].events, ["warning"]);
    assert_eq!(world.storage, [item]);
}

#[test]
fn c50_a_401_that_asks_for_step_up_is_the_callers() {
    let mut world = World::signed_in(&[]);
    let caller = world.ask(0, false);
    let (_, used) = world.token(0, caller);
    let challenge = Some(String::from(r#"Bearer error="insufficient_user_authentication""#));
    let caller = Caller(99);
    world.feed(0, Input::Unauthorized { caller, used, challenge });
    assert_eq!((world.got(0, 99), world.posts()), (Some(Got::HandedOn), 0));
}

#[test]
fn a_server_whose_tokens_are_over_on_arrival_is_not_stormed() {
    let body = r#"{"access_token":"a0","expires_in":0,"refresh_token":"r0"}"#;
    let mut world = World::signed_in(&vec![Fault::Status(200, body, None); 1_000]);
    let caller = world.ask(0, true);
    world.pass(60.0);
    assert!(matches!(world.got(0, caller), Some(Got::Refused(error)) if error.code.retryable()));
    assert!(world.posts() <= 9, "{}", world.posts());
}

#[test]
fn renewals_go_on_for_days_and_cost_one_post_each() {
    let mut world = World::signed_in(&[]);
    world.pass(2.0 * 86_400.0);
    let posts = world.posts();
    assert!((700..760).contains(&posts), "{posts}");
    assert_eq!(world.storage.len(), 2);
}
