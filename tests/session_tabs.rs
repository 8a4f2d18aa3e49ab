//! Several tabs over one storage and without locks: they race, and nobody is signed out.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::session::{
    Answer, Caller, Entropy, Input, Item, Machine, Now, Output, Settings, Status,
};
use sim::{Fault, World};

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
    world.feed(0, Input::ForgottenElsewhere);
    assert_eq!(world.status(0), Status::Active, "storage holds a newer session than that one");
    // This tab's last renewal was late.
    world.storage.retain(|item| item.key.contains(':'));
    world.feed(0, Input::ForgottenElsewhere);
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
    while let [.., Output::Read { read }] = outputs[..] {
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
    let Output::Read { read: keep } = told(&mut machine, answer)[0] else { panic!() };
    let Output::Read { read: look } = told(&mut machine, Input::StorageChanged)[0] else {
        panic!()
    };
    storage[0].key = storage[0].key.replace(":1", ":2");
    told(&mut machine, Input::Stored { read: look, items: storage.clone() });
    let outputs = told(&mut machine, Input::Stored { read: keep, items: storage });
    assert!(outputs.is_empty(), "{outputs:?}");
    assert_eq!(machine.snapshot().generation, 2);
}
