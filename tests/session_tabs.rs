//! Several tabs over one storage and without locks: they race, and nobody is signed out.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::error::Code;
use evertoken::core::session::{
    Answer, Caller, Entropy, Input, Item, Machine, Now, Output, Settings, Status,
};
use sim::{Fault, Got, World};

const T: f64 = sim::LIFE;

#[test]
fn tabs_that_stored_the_same_answer_go_on_with_one_attempt() {
    let mut world = World::signed_in(&[]);
    // Another tab read storage at the same moment, and its write was the last.
    let entry = world.storage.iter_mut().find(|item| item.key.ends_with(":1")).unwrap();
    let (before, rest) = entry.value.split_once(r#""attempt":""#).unwrap();
    let (_, after) = rest.split_once('"').unwrap();
    entry.value = format!(r#"{before}"attempt":"the-other-tabs-attempt"{after}"#);
    world.pass(T);
    assert_eq!(world.server.posts[0].1.as_deref(), Some("the-other-tabs-attempt"));
    assert_eq!(world.status(0), Status::Active);
}

#[test]
fn an_answer_that_another_tab_was_faster_with_is_not_stored_as_the_next_generation() {
    let faults = [Fault::None, Fault::Slow(2_000.0), Fault::Slow(2_000.0)];
    let mut world = World::signed_in(&faults);
    let other = world.open();
    world.ask(0, true);
    let overtaken = world.ask(other, true);
    world.pass(1.0);
    world.feed(other, Input::StorageChanged);
    assert_eq!(world.token(other, overtaken).0, "a1");
    // The next refresh is under way when the other tab's first one would be answered.
    world.ask(0, true);
    world.pass(5.0);
    world.feed(other, Input::StorageChanged);
    world.pass(2.0 * T);
    assert!(!world.server.reused, "an honest client was taken for a thief");
    assert_eq!((world.status(0), world.status(other)), (Status::Active, Status::Active));
}

#[test]
fn a_sign_out_elsewhere_is_final_but_not_for_whoever_signed_in_since() {
    let mut world = World::signed_in(&[]);
    let farewell = |world: &World| {
        let pointer = world.storage.iter().find(|item| !item.key.contains(':')).unwrap();
        Input::Said(pointer.value.replace('}', r#","over":"signedOut"}"#))
    };
    let said = farewell(&world);
    world.feed(0, said);
    assert_eq!(world.status(0), Status::Active, "storage holds a newer session than that one");
    // This tab's last renewal was late.
    let said = farewell(&world);
    world.storage.retain(|item| item.key.contains(':'));
    world.feed(0, said);
    assert_eq!(world.status(0), Status::SignedOut);
    assert!(world.storage.is_empty());
}

/// What a machine asks for when it is told this, but for events.
fn told(machine: &mut Machine, input: Input) -> Vec<Output> {
    machine.handle_input(input, Now { wall: 1e12, monotonic: 0.0 });
    let mut outputs = Vec::new();
    loop {
        match machine.poll_output() {
            Output::Wait(_) => return outputs,
            Output::Changed | Output::Event(_) => {}
            output => outputs.push(output),
        }
    }
}

/// The same, and storage is read as often as it is asked for.
fn reading(machine: &mut Machine, input: Input, storage: &[Item]) -> Vec<Output> {
    let mut outputs = told(machine, input);
    while let [.., Output::Read { read, .. }] = outputs[..] {
        outputs = told(machine, Input::Stored { read, items: storage.to_vec() });
    }
    outputs
}

/// A machine that is signed in, and what it stored.
fn signed_in() -> (Machine, Vec<Item>) {
    let mut machine = Machine::new(Settings::default());
    reading(&mut machine, Input::Start, &[]);
    let json = String::from(r#"{"access_token":"a0","expires_in":300,"refresh_token":"r0"}"#);
    let input = Input::Tokens { caller: Caller(0), json, entropy: Entropy([1; 32]) };
    let mut outputs = reading(&mut machine, input, &[]);
    let Output::Write { set, .. } = outputs.remove(0) else { panic!() };
    (machine, set)
}

/// The answer to the refresh that was forced just now.
fn refreshed(machine: &mut Machine, storage: &[Item]) -> Input {
    let ask = Input::Ask { caller: Caller(1), min_validity: 0.0, force: true };
    let outputs = reading(machine, ask, storage);
    let Some(Output::Send { flight, .. }) = outputs.last() else { panic!() };
    let json = String::from(r#"{"access_token":"a1","expires_in":300,"refresh_token":"r1"}"#);
    Input::Answered { flight: *flight, answer: Answer::Tokens(json), entropy: Entropy([2; 32]) }
}

#[test]
fn a_renewal_that_is_stored_late_undoes_neither_a_sign_out_nor_a_sign_in_elsewhere() {
    let (mut machine, mut storage) = signed_in();
    let answer = refreshed(&mut machine, &storage);
    // Somebody else is just signing in: the name of that session follows.
    let theirs = Item { key: String::from("evertoken:theirs:1"), value: String::from("{}") };
    storage.push(theirs);
    let outputs = reading(&mut machine, answer, &storage);
    let Output::Write { set, remove } = &outputs[0] else { panic!() };
    assert_eq!(
        set.iter().map(|item| &*item.key).collect::<Vec<_>>(),
        [storage[0].key.replace(":1", ":2")]
    );
    assert_eq!(*remove, [storage[0].key.clone()]);
}

#[test]
fn an_answer_is_dropped_where_another_tabs_tokens_come_while_storage_is_read() {
    let (mut machine, mut storage) = signed_in();
    let answer = refreshed(&mut machine, &storage);
    let Output::Read { read: keep, .. } = told(&mut machine, answer)[0] else { panic!() };
    let Output::Read { read: look, .. } = told(&mut machine, Input::StorageChanged)[0] else {
        panic!()
    };
    storage[0].key = storage[0].key.replace(":1", ":2");
    told(&mut machine, Input::Stored { read: look, items: storage.clone() });
    let outputs = told(&mut machine, Input::Stored { read: keep, items: storage });
    assert!(outputs.is_empty(), "{outputs:?}");
    assert_eq!(machine.snapshot().generation, 2);
}

/// Tabs that hear of each other, of one user whom all of them know.
fn tabs(count: usize, turns: bool, faults: &[Fault]) -> World {
    let mut world = World::new(faults);
    (world.talk, world.turns) = (true, turns);
    for _ in 0..count {
        world.open();
    }
    world.sign_in(0);
    world.pass(0.0);
    world
}

fn ended(world: &World, tab: usize) -> Vec<&'static str> {
    let events = &world.tabs[tab].events;
    let ends = events.windows(2).filter(|pair| pair[1] == "ended");
    ends.map(|pair| pair[0]).collect()
}

#[test]
fn c2_tabs_that_take_turns_send_one_request_a_renewal_even_to_a_server_that_repeats_nothing() {
    let mut world = tabs(5, true, &[]);
    world.server.repeats = false;
    world.pass(20.0 * T);
    assert_eq!(world.posts() as u64, world.server.generation);
    assert!(!world.server.reused);
    world.sleep(T + 1.0);
    let callers: Vec<_> = (0..5).map(|tab| (tab, world.ask(tab, false))).collect();
    world.pass(1.0);
    let tokens: Vec<_> = callers.iter().map(|(tab, caller)| world.token(*tab, *caller).0).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    assert_eq!(world.posts() as u64, world.server.generation);
}

#[test]
fn c3_without_turns_each_tab_asks_once_at_most_and_all_get_one_successor() {
    let mut world = tabs(5, false, &[]);
    for renewal in 1..20 {
        let posts = world.posts();
        world.sleep(T + 1.0);
        let callers: Vec<_> = (0..5).map(|tab| (tab, world.ask(tab, false))).collect();
        world.pass(1.0);
        for (tab, caller) in callers {
            assert_eq!(world.token(tab, caller).0, format!("a{renewal}"));
        }
        assert!(world.posts() - posts <= 5);
    }
    assert!((0..5).all(|tab| ended(&world, tab).is_empty()));
}

#[test]
fn c4_a_tab_that_freezes_in_its_turn_is_not_waited_for_and_overwrites_nothing_later() {
    let mut world = tabs(2, true, &[]);
    world.sleep(T + 1.0);
    world.ask(0, false);
    world.pass(0.05);
    assert_eq!(world.posts(), 1);
    world.tabs[0].frozen = true;
    let caller = world.ask(1, false);
    world.pass(5.0);
    assert_eq!(world.got(1, caller), None, "the other one has the turn");
    world.pass(0.2);
    assert_eq!(world.token(1, caller).0, "a1");
    world.pass(2.0 * T);
    let newest = world.server.generation;
    assert!(newest > 2);
    world.tabs[0].frozen = false;
    world.pass(1.0);
    let caller = world.ask(0, false);
    assert_eq!(world.token(0, caller).0, format!("a{newest}"));
    assert!(world.storage.iter().any(|item| item.key.ends_with(&format!(":{}", newest + 1))));
    assert!(!world.server.reused);
}

#[test]
fn c5_whoever_is_refused_before_the_winners_tokens_are_stored_waits_for_them() {
    for body in [r#"{"error":"invalid_grant"}"#, r#"{"error":"invalid_grant","code":"superseded"}"#]
    {
        for expired in [true, false] {
            let refused = Fault::Status(400, body, None);
            let mut world = tabs(2, false, &[Fault::Slow(800.0), refused]);
            if expired {
                world.sleep(T + 1.0);
            }
            let callers = [world.ask(0, !expired), world.ask(1, !expired)];
            world.pass(0.5);
            assert_eq!(world.got(1, callers[1]), None);
            world.pass(0.5);
            for (tab, caller) in callers.into_iter().enumerate() {
                assert_eq!(world.token(tab, caller).0, "a1", "{body}");
            }
            assert!(ended(&world, 0).is_empty() && ended(&world, 1).is_empty());
        }
    }
}

#[test]
fn c5_a_refusal_that_nobody_contradicts_is_an_end() {
    let refused = Fault::Status(400, r#"{"error":"invalid_grant"}"#, None);
    let mut world = tabs(2, true, &[refused.clone(), refused]);
    world.sleep(T + 1.0);
    let caller = world.ask(0, false);
    world.pass(1.2);
    assert!(matches!(world.got(0, caller), Some(Got::Refused(error)) if !error.code.retryable()));
    assert_eq!((ended(&world, 0), ended(&world, 1)), (vec!["refused"], vec!["refused"]));
    assert!(world.storage.is_empty());
}

#[test]
fn c8_an_end_is_told_once_in_every_tab_and_for_its_own_reason() {
    for code in ["reuse", "revoked", "evicted"] {
        let body: &'static str = match code {
            "reuse" => r#"{"error":"invalid_grant","code":"reuse"}"#,
            "revoked" => r#"{"error":"invalid_grant","code":"revoked"}"#,
            _ => r#"{"error":"invalid_grant","code":"evicted"}"#,
        };
        for turns in [true, false] {
            let mut world = tabs(4, turns, &vec![Fault::Status(400, body, None); 4]);
            let callers: Vec<_> = (0..4).map(|tab| (tab, world.ask(tab, true))).collect();
            world.pass(2.0);
            for (tab, caller) in callers {
                assert!(matches!(world.got(tab, caller), Some(Got::Refused(_))));
                assert_eq!(ended(&world, tab), [code]);
            }
            assert!(world.storage.is_empty());
        }
    }
}

#[test]
fn c28_a_sign_out_where_nobody_heard_of_the_next_user_leaves_their_session_alone() {
    let mut world = World::signed_in(&[]);
    let other = world.open();
    world.server.generation = 7;
    world.sign_in(other);
    let done = world.sign_out(0);
    assert_eq!(world.got(0, done), Some(Got::Done));
    assert_eq!(world.server.revoked, ["r0"]);
    world.feed(0, Input::StorageChanged);
    for tab in [0, other] {
        let caller = world.ask(tab, false);
        assert_eq!(world.token(tab, caller).0, "a7");
    }
    assert_eq!(world.tabs[0].events, ["signedIn", "signedOut", "ended", "sessionChanged"]);
}

#[test]
fn c32_a_session_that_is_missed_waits_for_a_word_and_is_then_lost() {
    let mut world = tabs(2, false, &[]);
    let before = world.storage.clone();
    world.storage.clear();
    world.feed(1, Input::StorageChanged);
    world.pass(0.9);
    assert_eq!(world.status(1), Status::Active);
    // A tab that only reads what comes late goes on with it.
    world.storage = before;
    world.pass(0.2);
    assert_eq!(world.status(1), Status::Active);
    world.storage.clear();
    let caller = world.ask(1, true);
    world.pass(1.1);
    assert_eq!((world.posts(), ended(&world, 1)), (0, vec!["storage"]));
    assert!(
        matches!(world.got(1, caller), Some(Got::Refused(error)) if error.code == Code::SessionEnded)
    );
}

#[test]
fn an_answer_is_not_kept_as_the_next_ones_where_storage_is_slow() {
    let (mut machine, mut storage) = signed_in();
    let answer = refreshed(&mut machine, &storage);
    let Output::Read { read: keep, .. } = told(&mut machine, answer)[0] else { panic!() };
    let Output::Read { read: look, .. } = told(&mut machine, Input::StorageChanged)[0] else {
        panic!()
    };
    storage[0].key = storage[0].key.replace(":1", ":2");
    told(&mut machine, Input::Stored { read: look, items: storage.clone() });
    // The next refresh reads storage while the last one's answer still does.
    let ask = Input::Ask { caller: Caller(2), min_validity: 0.0, force: true };
    let Output::Read { read: send, .. } = told(&mut machine, ask)[0] else { panic!() };
    let outputs = told(&mut machine, Input::Stored { read: keep, items: storage.clone() });
    assert!(outputs.is_empty(), "{outputs:?}");
    let outputs = told(&mut machine, Input::Stored { read: send, items: storage });
    assert!(matches!(outputs[..], [Output::Send { .. }]), "{outputs:?}");
}

#[test]
fn a_refusal_ends_no_session_that_came_while_storage_was_read() {
    for code in [r#","code":"revoked""#, ""] {
        let (mut machine, mut storage) = signed_in();
        let Input::Answered { flight, entropy, .. } = refreshed(&mut machine, &storage) else {
            panic!()
        };
        let body = [r#"{"error":"invalid_grant""#, code, "}"].concat();
        let answer = Answer::Http { status: 400, retry_after: None, body };
        let refused = told(&mut machine, Input::Answered { flight, answer, entropy });
        let Output::Read { read: over, .. } = refused[0] else { panic!() };
        let Output::Read { read: look, .. } = told(&mut machine, Input::StorageChanged)[0] else {
            panic!()
        };
        storage[0].key = storage[0].key.replace(":1", ":2");
        told(&mut machine, Input::Stored { read: look, items: storage.clone() });
        let outputs = told(&mut machine, Input::Stored { read: over, items: storage });
        assert!(outputs.is_empty(), "{outputs:?}");
        assert_eq!(machine.snapshot().status, Status::Active);
    }
}

/// The first tab renews, storage has no room for the new access token, and the second tab finds that.
fn renew_without_room(world: &mut World) {
    world.ask(0, true);
    world.pass(1.0);
    for item in &mut world.storage {
        item.value = item.value.replace(r#":"a1""#, r#":"""#);
    }
    world.feed(1, Input::StorageChanged);
}

#[test]
fn c53_a_generation_without_its_access_token_makes_nobody_refresh_who_has_one() {
    let mut world = tabs(2, false, &[]);
    world.talk = false;
    renew_without_room(&mut world);
    let caller = world.ask(1, false);
    assert_eq!((world.token(1, caller).0.as_str(), world.posts()), ("a0", 1));
    assert_eq!(world.tabs[1].machine.snapshot().generation, 2);

    let tab = world.open();
    let caller = world.ask(tab, false);
    world.pass(1.0);
    assert_eq!((world.token(tab, caller).0.as_str(), world.posts()), ("a2", 2));
}

#[test]
fn c19_c53_a_refused_token_is_not_sent_again_because_a_generation_came_without_one() {
    let mut world = tabs(2, false, &[]);
    world.talk = false;
    let caller = world.ask(1, false);
    let (token, used) = world.token(1, caller);
    renew_without_room(&mut world);
    let caller = world.unauthorized(1, used);
    world.pass(1.0);
    assert_eq!((token.as_str(), world.token(1, caller).0.as_str()), ("a0", "a2"));
}

#[test]
fn c51_tokens_of_a_page_that_hands_them_in_once_more_do_not_replace_newer_ones() {
    let mut world = World::signed_in(&[]);
    let html = world.server.tokens();
    world.pass(3.0 * T);
    let newest = world.server.generation;
    assert!(newest > 1);
    for tab in [0, world.open()] {
        world.set_tokens(tab, &html);
        let caller = world.ask(tab, false);
        assert_eq!(world.token(tab, caller).0, format!("a{newest}"));
    }
    world.pass(3.0 * T);
    assert!(!world.server.reused);
    assert!(world.tabs.iter().all(|tab| !tab.events.contains(&"sessionChanged")));
    // Whatever else is handed in is a new sign-in, and the old one's late answer is dropped.
    world.server.faults.push(Fault::Slow(1_000.0));
    world.ask(0, true);
    world.sign_in(0);
    world.pass(2.0);
    assert_eq!(world.tabs[0].events.last(), Some(&"signedIn"));
}
