//! V5 on a virtual clock: when keys are fetched, how long they serve, and what a missing one costs.

use evertoken::core::error::{Code, Error};
use evertoken::core::token::base64url::encode;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::remote::{Answer, Need, Remote, Settings};
use evertoken::core::token::verifier::Verifier;

const START: f64 = 1_000_000.0;
const DAY: f64 = 86_400.0;

fn set(kids: &[&str]) -> String {
    let key = |kid: &&str| {
        format!(
            r#"{{"kty":"EC","crv":"P-256","kid":"{kid}","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}"#
        )
    };
    let keys: Vec<_> = kids.iter().map(key).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

fn token(header: &str) -> String {
    format!("{}.e30.AA", encode(header.as_bytes()))
}

fn signed_by(kid: &str) -> String {
    token(&format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#))
}

/// A remote set with a server that is asked at `now` and answers at once.
struct World {
    remote: Remote,
    verifier: Verifier,
    now: f64,
}

impl World {
    fn with(settings: Settings) -> Self {
        let keys = KeySet::from(Vec::new());
        Self {
            remote: Remote::new(settings),
            verifier: Verifier::new(keys, Policy::default()),
            now: START,
        }
    }

    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn warm() -> Self {
        let mut world = Self::new();
        world.serve(&["a"]);
        world
    }

    fn need(&self) -> Need {
        self.remote.need(self.now).unwrap()
    }

    fn need_for(&self, kid: &str) -> Need {
        self.remote.need_for(&signed_by(kid), &self.verifier, self.now).unwrap()
    }

    fn answered(&mut self, answer: &Answer<'_>) -> Result<(), Error> {
        if let Some(keys) = self.remote.answered(answer, self.now)? {
            self.verifier.keys = keys;
        }
        Ok(())
    }

    fn serve_with(&mut self, kids: &[&str], cache_control: &str) {
        self.remote.asked(self.now);
        let body = set(kids);
        self.answered(&Answer::new(200, body.as_bytes()).cache_control(cache_control)).unwrap();
    }

    fn serve(&mut self, kids: &[&str]) {
        self.serve_with(kids, "");
    }

    fn fail(&mut self) {
        self.remote.asked(self.now);
        self.remote.failed(Error::new(Code::JwksUnavailable, "down"), self.now);
    }

    fn seek(&mut self, kid: &str, served: &[&str]) {
        self.remote.asked_for(&signed_by(kid), &self.verifier, self.now);
        self.answered(&Answer::new(200, set(served).as_bytes())).unwrap();
    }

    fn kids(&self) -> Vec<&str> {
        self.verifier.keys.keys().iter().filter_map(|key| key.kid.as_deref()).collect()
    }

    /// Whether the keys are fresh just before these seconds have passed, and not just after.
    #[track_caller]
    fn lives(&mut self, seconds: f64) {
        self.now = START + seconds - 0.01;
        assert_eq!(self.need(), Need::Nothing, "just before {seconds} s");
        self.now = START + seconds;
        assert_eq!(self.need(), Need::Fetch, "after {seconds} s");
    }
}

#[test]
fn v5_the_first_token_fetches_and_the_others_wait_for_it() {
    let mut world = World::new();
    assert_eq!(world.need(), Need::Fetch);
    world.remote.asked(world.now);
    assert_eq!(world.need(), Need::Wait);
    assert_eq!(world.need_for("a"), Need::Wait);
    world.answered(&Answer::new(200, set(&["a"]).as_bytes())).unwrap();
    assert_eq!(world.need(), Need::Nothing);
    assert_eq!(world.kids(), ["a"]);
}

#[test]
fn v5_keys_live_as_long_as_ttl_says() {
    World::warm().lives(600.0);
    let mut settings = Settings::default();
    settings.ttl = 10.0;
    let mut world = World::with(settings);
    world.serve(&["a"]);
    world.lives(10.0);
}

#[test]
fn v5_cache_control_is_obeyed_within_bounds() {
    for (cache_control, seconds) in [
        ("max-age=60", 60.0),
        ("public, max-age=3600, must-revalidate", 3600.0),
        // No server can have every token fetch, nor keys kept for ever.
        ("max-age=0", 30.0),
        ("no-cache", 30.0),
        ("no-store", 30.0),
        ("max-age=31536000", DAY),
    ] {
        let mut world = World::new();
        world.serve_with(&["a"], cache_control);
        world.lives(seconds);
    }
}

#[test]
fn v5_the_bounds_of_cache_control_follow_the_settings() {
    for (ttl, cooldown, cache_control, seconds) in [
        (600.0, 0.0, "no-store", 1.0),
        (10.0, 30.0, "no-store", 10.0),
        (10.0, 30.0, "max-age=20", 20.0),
        (1e6, 30.0, "max-age=31536000", 1e6),
    ] {
        let mut settings = Settings::default();
        (settings.ttl, settings.cooldown) = (ttl, cooldown);
        let mut world = World::with(settings);
        world.serve_with(&["a"], cache_control);
        world.lives(seconds);
    }
}

#[test]
fn v5_an_answer_that_lay_in_a_cache_has_lived_already() {
    let mut world = World::new();
    world.remote.asked(world.now);
    let body = set(&["a"]);
    let answer = Answer::new(200, body.as_bytes()).cache_control("max-age=300").age("200");
    world.answered(&answer).unwrap();
    world.lives(100.0);
}

#[test]
fn v5_a_slow_answer_has_lived_since_it_was_asked_for() {
    let mut world = World::new();
    world.remote.asked(world.now);
    world.now += 4.0;
    world.answered(&Answer::new(200, set(&["a"]).as_bytes())).unwrap();
    world.lives(600.0);
}

#[test]
fn v5_stale_keys_serve_a_failing_server_until_stale_if_error() {
    let mut world = World::warm();
    world.now = START + 600.0;
    assert_eq!(world.need(), Need::Fetch);
    world.fail();
    assert!(world.remote.is_usable(world.now));
    assert_eq!(world.need(), Need::Retry, "the first failure is tried again at once");
    world.now = START + 600.0 + DAY - 0.01;
    assert!(world.remote.is_usable(world.now));
    assert_eq!(world.need(), Need::Retry);
    world.now = START + 600.0 + DAY;
    assert!(!world.remote.is_usable(world.now));
    assert_eq!(world.need(), Need::Fetch);
    world.fail();
    assert_eq!(world.remote.need(world.now).unwrap_err().code, Code::JwksUnavailable);
}

#[test]
fn v5_stale_if_error_may_be_none() {
    let mut settings = Settings::default();
    settings.stale_if_error = 0.0;
    let mut world = World::with(settings);
    world.serve(&["a"]);
    world.now = START + 599.0;
    assert!(world.remote.is_usable(world.now));
    world.now = START + 600.0;
    assert!(!world.remote.is_usable(world.now));
}

#[test]
fn v5_retries_back_off_and_hold_nobody_up() {
    let mut world = World::warm();
    world.now = START + 600.0;
    world.fail();
    for wait in [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
        if wait > 0.0 {
            assert_eq!(world.need(), Need::Nothing);
            world.now += wait - 0.01;
            assert_eq!(world.need(), Need::Nothing, "{wait} s are not over");
            world.now += 0.01;
        }
        assert_eq!(world.need(), Need::Retry, "{wait} s are over");
        world.remote.asked(world.now);
        assert_eq!(world.need(), Need::Nothing, "the retry is under way");
        world.fail();
    }
    world.now += 30.0;
    world.serve(&["b"]);
    assert_eq!(world.need(), Need::Nothing);
    assert_eq!(world.kids(), ["b"]);
}

#[test]
fn v5_without_any_keys_the_failure_is_the_answer_until_it_is_time_to_retry() {
    let mut world = World::new();
    world.fail();
    assert_eq!(world.need(), Need::Fetch, "the first failure is tried again at once");
    world.fail();
    world.now += 0.25;
    let error = world.remote.need(world.now).unwrap_err();
    assert_eq!((error.code, error.detail().retry_after), (Code::JwksUnavailable, Some(1)));
    assert!(error.code.retryable());
    world.now += 0.75;
    assert_eq!(world.need(), Need::Fetch);
    world.serve(&["a"]);
    assert_eq!(world.need(), Need::Nothing);
    world.now += 600.0;
    world.fail();
    assert_eq!(world.need(), Need::Retry, "failures are counted from the last success");
}

#[test]
fn v5_a_fetch_that_takes_long_holds_up_only_whoever_has_no_keys() {
    let mut world = World::warm();
    world.now = START + 600.0;
    world.remote.asked(world.now);
    world.now += 0.5;
    assert_eq!(world.need(), Need::Wait);
    world.now += 1.0;
    assert_eq!(world.need(), Need::Nothing, "the keys at hand do meanwhile");
    world.now += 4.0;
    assert_eq!(world.need(), Need::Fetch, "whoever asked is gone");

    let mut cold = World::new();
    cold.remote.asked(cold.now);
    cold.now += 1.5;
    assert_eq!(cold.need(), Need::Fetch, "nobody waits for ever for another's fetch");
}

#[test]
fn v5_an_unknown_kid_is_fetched_for_after_the_cooldown_only() {
    let mut world = World::warm();
    world.now += 29.0;
    assert_eq!(world.need_for("b"), Need::Nothing);
    world.now += 1.0;
    assert_eq!(world.need_for("b"), Need::Fetch);
    world.seek("b", &["a", "b"]);
    assert_eq!(world.kids(), ["a", "b"]);
    assert_eq!(world.need_for("c"), Need::Nothing, "one fetch is for all of them");
    world.now += 30.0;
    assert_eq!(world.need_for("c"), Need::Fetch);
}

#[test]
fn v5_a_kid_that_stays_unknown_is_asked_for_ever_more_rarely() {
    let mut world = World::warm();
    world.now += 30.0;
    for wait in [30.0, 60.0, 120.0, 240.0, 480.0, 600.0, 600.0] {
        assert_eq!(world.need_for("x"), Need::Fetch);
        world.seek("x", &["a"]);
        world.now += wait - 0.01;
        assert_eq!(world.need_for("x"), Need::Nothing, "{wait} s are not over");
        world.now += 0.01;
    }
    assert_eq!(world.need_for("y"), Need::Fetch, "another one does not suffer for it");
}

#[test]
fn v5_a_flood_of_unknown_kids_costs_one_fetch_a_cooldown_and_bounded_memory() {
    let mut world = World::warm();
    let mut fetches = 0;
    for number in 0..10_000 {
        world.now += 0.1;
        let kid = format!("{number}{}", "x".repeat(100));
        if world.need_for(&kid) == Need::Fetch {
            fetches += 1;
            world.seek(&kid, &["a"]);
        }
    }
    assert_eq!(fetches, 33);
    let shown = format!("{:?}", world.remote);
    assert!(shown.matches("Missed").count() <= 32);
    world.now += 30.0;
    assert_eq!(world.need_for(&"x".repeat(1000)), Need::Nothing, "no key has such a name");
}

#[test]
fn v5_no_fetch_where_no_key_could_help() {
    let mut world = World::warm();
    world.now += 100.0;
    let need = |world: &World, header: &str| {
        world.remote.need_for(&token(header), &world.verifier, world.now).unwrap()
    };
    assert_eq!(need(&world, r#"{"alg":"ES384","kid":"a"}"#), Need::Nothing, "the kid is there");
    assert_eq!(
        need(&world, r#"{"alg":"HS256","kid":"b"}"#),
        Need::Nothing,
        "secrets are not published"
    );
    assert_eq!(need(&world, r#"{"alg":"none","kid":"b"}"#), Need::Nothing);
    assert_eq!(need(&world, r#"{"kid":"b"}"#), Need::Nothing);
    assert_eq!(need(&world, r#"{"alg":"RS256","kid":"b"}"#), Need::Fetch);
    assert_eq!(need(&world, r#"{"alg":"RS256"}"#), Need::Fetch, "keys need no name");
    world.verifier.policy.algorithms =
        Some(vec![evertoken::core::token::algorithm::Algorithm::Es256]);
    assert_eq!(need(&world, r#"{"alg":"RS256","kid":"b"}"#), Need::Nothing);
}

#[test]
fn v5_a_server_that_fails_cannot_say_that_a_kid_is_unknown() {
    let mut world = World::warm();
    world.now += 100.0;
    world.fail();
    assert_eq!(world.need_for("b"), Need::Fetch);
    world.fail();
    let error = world.remote.need_for(&signed_by("b"), &world.verifier, world.now).unwrap_err();
    assert!(error.code.retryable());
    assert_eq!(world.need(), Need::Nothing, "the others go on");
}

#[test]
fn v5_what_is_no_set_changes_nothing() {
    let key = set(&["b"]);
    let one_key = key.trim_start_matches(r#"{"keys":["#).trim_end_matches("]}");
    for (status, body, code) in [
        (200, "", Code::JwksInvalid),
        (200, "<html>", Code::JwksInvalid),
        (200, "{}", Code::JwksInvalid),
        (200, r#"{"keys":{}}"#, Code::JwksInvalid),
        (200, r#"{"keys":["a"]}"#, Code::JwksInvalid),
        (200, r#"{"keys":[],"keys":[]}"#, Code::JwksInvalid),
        (200, one_key, Code::JwksInvalid),
        (503, &*key, Code::JwksUnavailable),
        (404, &*key, Code::JwksUnavailable),
        (304, "", Code::JwksUnavailable),
        (204, "", Code::JwksUnavailable),
    ] {
        let mut world = World::warm();
        world.now += 600.0;
        world.remote.asked(world.now);
        let error = world.answered(&Answer::new(status, body.as_bytes())).unwrap_err();
        assert_eq!(error.code, code, "{status} {body}");
        assert_eq!(world.need(), Need::Retry);
        assert_eq!(world.kids(), ["a"]);
    }
}

#[test]
fn v5_a_successful_fetch_removes_keys_even_all_of_them() {
    let mut world = World::warm();
    world.serve(&["b"]);
    assert_eq!(world.kids(), ["b"]);
    world.serve(&[]);
    assert!(world.kids().is_empty());
    let error = world.verifier.begin(&signed_by("b")).unwrap_err();
    assert_eq!(error.code, Code::JwksNoMatchingKey);
}

#[test]
fn v5_unusable_and_secret_keys_of_a_set_are_left_out() {
    let mut world = World::new();
    world.remote.asked(world.now);
    let usable = set(&["a"]);
    let others = r#"{"kty":"oct","kid":"s","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},{"kty":"RSA","kid":"weak","n":"AQAB","e":"AQAB"},{"kty":"new","kid":"new"},"#;
    let body = usable.replacen('[', &format!("[{others}"), 1);
    world.answered(&Answer::new(200, body.as_bytes())).unwrap();
    assert_eq!(world.kids(), ["a"]);
    let none = format!(r#"{{"keys":[{}]}}"#, others.trim_end_matches(','));
    world.answered(&Answer::new(200, none.as_bytes())).unwrap();
    assert!(world.kids().is_empty(), "the server has withdrawn the others");
}

#[test]
fn v5_the_same_answer_again_keeps_the_keys_as_they_are() {
    let mut world = World::warm();
    world.now += 600.0;
    world.remote.asked(world.now);
    let body = set(&["a"]);
    let same = world.remote.answered(&Answer::new(200, body.as_bytes()), world.now).unwrap();
    assert!(same.is_none());
    assert_eq!(world.need(), Need::Nothing);
    world.now += 599.0;
    assert_eq!(world.need(), Need::Nothing, "they live anew");
}

#[test]
fn v5_a_clock_that_is_set_back_leads_to_a_fetch_and_no_more() {
    let mut world = World::warm();
    world.now -= 3600.0;
    assert_eq!(world.need(), Need::Fetch);
    world.serve(&["a"]);
    assert_eq!(world.need(), Need::Nothing);
    world.now += 30.0;
    assert_eq!(world.need_for("b"), Need::Fetch);
}
