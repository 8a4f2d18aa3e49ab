//! Several tabs over one storage and without locks: they race, and nobody is signed out.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::session::{Input, Status};
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
