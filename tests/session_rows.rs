//! Scenarios that the client's state machine shows by what it asks for, and by what it does not.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::session::{
    Answer, Caller, Entropy, Input, Item, Machine, Now, Output, Settings, Stamp, Status,
};
use sim::{Fault, World};

const T: f64 = sim::LIFE;
const HOUR: f64 = 3_600.0;

fn generations(world: &World) -> Vec<&str> {
    world.storage.iter().filter_map(|item| Some(item.key.rsplit_once(':')?.1)).collect()
}

#[test]
fn c29_a_generation_that_is_stored_after_a_newer_one_is_not_seen() {
    let mut world = World::signed_in(&[Fault::Slow(20_000.0)]);
    let other = world.open();
    world.pass(T - 50.0);
    let stale = world.storage.clone();
    world.tabs[0].frozen = true;
    world.pass(2.0 * T);
    let newest = world.server.generation;
    assert!(newest >= 2);
    // What a tab that was stopped in its midst writes comes last and is older.
    for item in stale.into_iter().filter(|item| item.key.contains(':')) {
        world.storage.push(item);
    }
    world.tabs[0].frozen = false;
    world.pass(1.0);
    for tab in [0, other] {
        let caller = world.ask(tab, false);
        assert_eq!(world.token(tab, caller).0, format!("a{newest}"));
    }
    world.pass(T);
    let kept = (world.server.generation + 1).to_string();
    assert_eq!(generations(&world), [kept], "and it goes with the next renewal");
    assert!(!world.server.reused);
}

#[test]
fn c44_storage_that_lost_its_last_write_gets_the_same_successor() {
    let mut world = World::signed_in(&[]);
    let before = world.storage.clone();
    world.pass(T - 50.0);
    assert_eq!((world.posts(), world.server.generation), (1, 1));
    world.kill(0);
    world.storage = before;
    let tab = world.open();
    let caller = world.ask(tab, true);
    world.pass(2.0);
    assert_eq!(world.token(tab, caller).0, "a1");
    assert_eq!(world.server.posts[0].1, world.server.posts[1].1);
    assert!(!world.server.reused);
}

#[test]
fn c45_what_was_lost_on_friday_is_had_on_monday() {
    let mut world = World::signed_in(&vec![Fault::AnswerLost; 50]);
    world.pass(T - 59.0);
    assert_eq!(world.server.generation, 1);
    world.server.faults.clear();
    world.sleep(2.6 * 24.0 * HOUR);
    let caller = world.ask(0, false);
    world.pass(20.0);
    assert_eq!(world.token(0, caller).0, "a1");
    let attempts = world.server.posts.iter().map(|(_, attempt)| attempt);
    assert!(
        attempts.clone().count() > 1 && attempts.clone().all(|it| it == &world.server.posts[0].1)
    );
    assert_eq!((world.status(0), world.server.reused), (Status::Active, false));
}

/// One machine over storage of its own, and all that it asked for.
struct Alone {
    machine: Machine,
    storage: Vec<Item>,
    done: Vec<&'static str>,
}

impl Alone {
    fn told(&mut self, input: Input, at: f64) -> Option<f64> {
        let now = Now { wall: 1e12 + at, monotonic: at };
        self.machine.handle_input(input, now);
        loop {
            match self.machine.poll_output() {
                Output::Wait(delay) => return delay,
                Output::Read { read, .. } => {
                    self.done.push("read");
                    let items = self.storage.clone();
                    self.machine.handle_input(Input::Stored { read, items }, now);
                }
                Output::Write { set, remove } => {
                    self.done.push("write");
                    let gone = |item: &Item| {
                        remove.contains(&item.key) || set.iter().any(|new| new.key == item.key)
                    };
                    self.storage.retain(|item| !gone(item));
                    self.storage.extend(set);
                    self.storage.retain(|item| !remove.contains(&item.key));
                }
                Output::Send { .. } => self.done.push("send"),
                Output::Abort { .. } => self.done.push("abort"),
                Output::Revoke { .. } => self.done.push("revoke"),
                Output::Grant { .. } => self.done.push("grant"),
                Output::Event(event) => self.done.push(event.name()),
                _ => {}
            }
        }
    }

    fn open(key: &str, storage: Vec<Item>) -> Self {
        let mut settings = Settings::default();
        settings.storage_key = key.into();
        let mut it = Self { machine: Machine::new(settings), storage, done: Vec::new() };
        it.told(Input::Start, 0.0);
        it
    }

    fn sign_in(&mut self, token: &str) {
        let json =
            format!(r#"{{"access_token":"{token}","expires_in":300,"refresh_token":"r-{token}"}}"#);
        let entropy = Entropy([token.len() as u8; 32]);
        self.told(Input::Tokens { caller: Caller(1), json, entropy }, 0.0);
        self.done.clear();
    }
}

fn ask(caller: u32, force: bool) -> Input {
    Input::Ask { caller: Caller(caller), min_validity: 0.0, force }
}

#[test]
fn c25_a_client_that_was_given_up_waits_for_nothing_and_does_nothing() {
    let mut client = Alone::open("evertoken", Vec::new());
    client.sign_in("a");
    client.told(ask(2, true), 1_000.0);
    assert_eq!(client.done, ["read", "send"]);
    let stored = client.storage.clone();
    client.done.clear();
    assert_eq!(client.told(Input::Dispose, 2_000.0), None);
    assert_eq!(client.done, ["abort"]);
    let body = String::from(r#"{"access_token":"b","expires_in":300,"refresh_token":"r"}"#);
    let answer = Answer::Http { status: 200, retry_after: None, body };
    let late = Input::Answered { flight: 3, answer, entropy: Entropy([9; 32]) };
    for input in [late, Input::Wake, Input::Online, Input::StorageChanged, Input::Active] {
        assert_eq!(client.told(input, 900_000.0), None);
    }
    assert_eq!(client.done, ["abort"]);
    assert_eq!(client.storage, stored);
}

#[test]
fn c31_a_valid_token_is_had_without_storage_network_or_event() {
    let mut client = Alone::open("evertoken", Vec::new());
    client.sign_in("a");
    for caller in 2..1_002 {
        client.told(ask(caller, false), f64::from(caller));
    }
    assert_eq!(client.done, vec!["grant"; 1_000]);
    let stamp = Stamp { session: 1, generation: 1 };
    let at = |at: f64| Now { wall: 1e12 + at, monotonic: at };
    assert!(client.machine.serves(stamp, 0.0, at(2_000.0)));
    assert!(!client.machine.serves(stamp, 299.0, at(2_000.0)));
    assert!(!client.machine.serves(stamp, 0.0, at(300_000.0)));
}

#[test]
fn c48_clients_with_keys_of_their_own_neither_see_nor_clear_each_others_sessions() {
    let mut one = Alone::open("app", Vec::new());
    one.sign_in("a");
    let mut other = Alone::open("app:eu", one.storage.clone());
    assert_eq!(other.machine.snapshot().status, Status::SignedOut);
    other.sign_in("bb");
    one.storage.clone_from(&other.storage);
    one.told(Input::StorageChanged, 1_000.0);
    assert_eq!((one.machine.snapshot().status, &one.done[..]), (Status::Active, &["read"][..]));
    one.told(Input::SignOut { caller: Caller(2), revoke: false }, 2_000.0);
    let again = Alone::open("app:eu", one.storage.clone());
    assert_eq!(again.machine.snapshot().status, Status::Active);
    assert!(one.storage.iter().all(|item| item.key.starts_with("app:eu")));
}

#[test]
fn c28_a_refresh_token_in_common_makes_two_users_no_single_one() {
    let (ann, bob) = ("e30.eyJzdWIiOiJhbm4ifQ.AA", "e30.eyJzdWIiOiJib2IifQ.AA");
    for (first, second) in [((ann, "x"), (bob, "x")), (("a", "one"), ("b", "two"))] {
        let mut client = Alone::open("evertoken", Vec::new());
        for ((token, session), entropy) in [(first, 1), (second, 2)] {
            let json = format!(
                r#"{{"access_token":"{token}","refresh_token":"r","session_id":"{session}","generation":1}}"#
            );
            client.done.clear();
            let entropy = Entropy([entropy; 32]);
            client.told(Input::Tokens { caller: Caller(1), json, entropy }, 0.0);
            assert!(client.done.contains(&"signedIn"), "{token} {session} {:?}", client.done);
        }
    }
}

#[test]
fn c28_a_refresh_that_brings_another_users_tokens_mixes_nobody() {
    let (ann, bob) = ("e30.eyJzdWIiOiJhbm4ifQ.AA", "e30.eyJzdWIiOiJib2IifQ.AA");
    let mut client = Alone::open("evertoken", Vec::new());
    client.sign_in(ann);
    client.told(ask(2, true), 1_000.0);
    assert_eq!(client.done, ["read", "send"]);
    let body = format!(
        r#"{{"access_token":"{bob}","expires_in":300,"refresh_token":"r","generation":1}}"#
    );
    let answer = Answer::Http { status: 200, retry_after: None, body };
    let entropy = Entropy([9; 32]);
    client.told(Input::Answered { flight: 4, answer, entropy }, 2_000.0);
    assert!(client.done.contains(&"sessionChanged"));
    assert!(!client.done.contains(&"refreshed") && !client.done.contains(&"grant"));
    let again = Alone::open("evertoken", client.storage.clone());
    for it in [&client, &again] {
        assert_eq!(it.machine.snapshot().subject.as_deref(), Some("bob"));
        assert_eq!(it.machine.snapshot().generation, 1);
    }
}
