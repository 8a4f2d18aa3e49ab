//! Several tabs over one storage and without locks: they race, and nobody is signed out.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::session::Status;
use sim::World;

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
