//! Every interleaving of two tabs, a faulty network, a store that races and goes back in time, and
//! a thief, over the issuer's real decisions: no chain forks, no honest session is revoked, and a
//! thief is found.
//!
//! The searches visit each reachable state once, over a few abstract steps of time; the walks go
//! on at random for much longer.

#![cfg(feature = "issuer")]

#[path = "account/world.rs"]
mod world;

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use proptest::prelude::*;
use world::{Bounds, Holder, Loot, World};

/// Visits every state that can be reached within the bounds, and gives their number.
fn search(name: &str, start: World) -> usize {
    let fingerprint = BuildHasherDefault::<DefaultHasher>::default();
    let mut seen = HashSet::new();
    let mut open = vec![start];
    while let Some(world) = open.pop() {
        assert!(seen.len() < 3_000_000, "{name}: the bounds are too wide");
        for step in world.steps() {
            let mut next = world.clone();
            next.take(&step);
            if seen.insert(fingerprint.hash_one(&next)) {
                open.push(next);
            }
        }
    }
    println!("{name}: {} states", seen.len());
    seen.len()
}

#[test]
fn two_tabs_with_losses_duplicates_and_lost_races_stay_signed_in() {
    let bounds =
        Bounds { sends: 4, losses: 2, duplicates: 1, lost_commits: 1, jumps: 2, ..Bounds::NONE };
    assert!(search("two tabs", World::new(bounds)) > 40_000);
}

#[test]
fn a_client_without_attempts_that_retries_within_the_grace_stays_signed_in() {
    let bounds = Bounds { sends: 3, losses: 2, lost_commits: 1, attempts: false, ..Bounds::NONE };
    assert!(search("no attempts", World::new(bounds)) > 500);
}

#[test]
fn a_store_that_goes_back_signs_nobody_out() {
    let bounds =
        Bounds { sends: 4, losses: 1, duplicates: 1, restores: 1, jumps: 2, ..Bounds::NONE };
    assert!(search("a restored store", World::new(bounds)) > 90_000);
}

#[test]
fn a_thief_of_the_token_is_found() {
    let bounds = Bounds { sends: 3, jumps: 3, thefts: 3, loot: Loot::Token, ..Bounds::NONE };
    assert!(search("a stolen token", World::new(bounds)) > 200_000);
}

#[test]
fn a_thief_of_the_whole_storage_is_found() {
    let bounds = Bounds { sends: 3, jumps: 3, thefts: 3, loot: Loot::Storage, ..Bounds::NONE };
    assert!(search("a stolen storage", World::new(bounds)) > 120_000);
}

#[test]
fn a_search_that_looks_for_the_impossible_finds_it() {
    // The rules of the world itself are tested: a client that forgets its attempts is revoked when
    // it retries after the grace, and the search must see that.
    let bounds = Bounds { sends: 3, losses: 1, jumps: 1, attempts: false, ..Bounds::NONE };
    let found = std::panic::catch_unwind(|| search("forgetful", World::new(bounds)));
    assert!(found.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_harsh_runs_revoke_nobody(choices in prop::collection::vec(any::<u16>(), 200..1500)) {
        let mut world = World::new(Bounds::ENDLESS);
        for choice in choices {
            let steps = world.steps();
            if let Some(step) = steps.get(usize::from(choice) % steps.len().max(1)) {
                let step = step.clone();
                world.take(&step);
            }
        }
        prop_assert!(world.is_signed_in(Holder::Client));
    }
}
