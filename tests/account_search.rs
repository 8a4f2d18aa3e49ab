//! Every interleaving of tabs, devices, a faulty network, servers whose clocks differ, a store that
//! races and goes back in time, and thieves, over the issuer's real decisions: no chain forks, no
//! honest session is revoked, no stranger is believed beyond the budget, and a thief is found.
//!
//! The searches visit each reachable state once, over a few abstract steps of time; the walks go
//! on at random for much longer. Those that are ignored are wider: `npm run test:full` runs them.

#![cfg(feature = "issuer")]

#[path = "account/actors.rs"]
mod actors;
#[path = "account/world.rs"]
mod world;

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use actors::{Bounds, Holder, Loot};
use proptest::prelude::*;
use world::World;

/// Visits every state that can be reached within the bounds, and gives their number.
fn search(name: &str, bounds: Bounds) -> usize {
    let fingerprint = BuildHasherDefault::<DefaultHasher>::default();
    let mut seen = HashSet::new();
    let mut open = vec![World::new(bounds)];
    while let Some(world) = open.pop() {
        assert!(seen.len() < 40_000_000, "{name}: the bounds are too wide");
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
    assert!(search("two tabs", bounds) > 40_000);
}

#[test]
fn a_client_without_attempts_that_retries_within_the_grace_stays_signed_in() {
    let bounds = Bounds { sends: 3, losses: 2, lost_commits: 1, attempts: false, ..Bounds::NONE };
    assert!(search("no attempts", bounds) > 500);
}

#[test]
fn a_store_that_goes_back_signs_nobody_out() {
    let bounds =
        Bounds { sends: 4, losses: 1, duplicates: 1, restores: 1, jumps: 2, ..Bounds::NONE };
    assert!(search("a restored store", bounds) > 90_000);
}

#[test]
fn a_thief_of_the_token_is_found() {
    let bounds = Bounds { sends: 3, jumps: 3, thefts: 3, loot: Loot::Token, ..Bounds::NONE };
    assert!(search("a stolen token", bounds) > 200_000);
}

#[test]
fn a_thief_of_the_whole_storage_is_found() {
    let bounds = Bounds { sends: 3, jumps: 3, thefts: 3, loot: Loot::Storage, ..Bounds::NONE };
    assert!(search("a stolen storage", bounds) > 120_000);
}

#[test]
fn i27_servers_whose_clocks_differ_sign_nobody_out() {
    let bounds =
        Bounds { sends: 3, losses: 1, lost_commits: 1, jumps: 2, skews: 2, ..Bounds::NONE };
    assert!(search("clocks that differ", bounds) > 10_000);
}

#[test]
fn two_devices_in_one_record_wait_for_each_other_and_lose_nothing() {
    let bounds =
        Bounds { sends: 2, neighbour: 2, losses: 1, lost_commits: 1, jumps: 1, ..Bounds::NONE };
    assert!(search("two devices", bounds) > 10_000);
}

#[test]
fn a_thief_of_one_device_leaves_the_other_alone() {
    let bounds = Bounds { sends: 2, neighbour: 1, jumps: 1, thefts: 3, ..Bounds::NONE };
    assert!(search("two devices and a thief", bounds) > 10_000);
}

#[test]
fn a_thief_is_found_although_answers_are_lost() {
    let bounds =
        Bounds { sends: 3, losses: 1, jumps: 2, thefts: 2, loot: Loot::Storage, ..Bounds::NONE };
    assert!(search("a theft and losses", bounds) > 10_000);
}

#[test]
fn three_holders_of_one_session_are_found() {
    let bounds = Bounds { sends: 2, jumps: 2, thefts: 4, accomplice: true, ..Bounds::NONE };
    assert!(search("two thieves", bounds) > 10_000);
}

#[test]
fn i30_strangers_are_believed_no_more_often_than_the_budget_has_and_gets_back() {
    for thieves_attempts in [true, false] {
        let bounds = Bounds {
            sends: 2,
            jumps: 1,
            refills: 1,
            thefts: 3,
            units: 1,
            thieves_attempts,
            ..Bounds::NONE
        };
        assert!(search("a small budget", bounds) > 10_000);
    }
}

#[test]
#[ignore = "minutes: npm run test:full"]
fn wide_two_tabs() {
    let bounds = Bounds {
        sends: 5,
        losses: 2,
        duplicates: 2,
        lost_commits: 1,
        jumps: 2,
        restores: 1,
        ..Bounds::NONE
    };
    assert!(search("wide: two tabs and a restore", bounds) > 1_000_000);
}

#[test]
#[ignore = "minutes: npm run test:full"]
fn wide_clocks() {
    let bounds = Bounds {
        sends: 4,
        losses: 1,
        duplicates: 1,
        lost_commits: 1,
        jumps: 1,
        skews: 2,
        ..Bounds::NONE
    };
    assert!(search("wide: clocks that differ", bounds) > 100_000);
}

#[test]
#[ignore = "minutes: npm run test:full"]
fn wide_devices() {
    let bounds = Bounds {
        sends: 2,
        neighbour: 2,
        losses: 1,
        duplicates: 1,
        jumps: 1,
        restores: 1,
        ..Bounds::NONE
    };
    assert!(search("wide: two devices and a restore", bounds) > 100_000);
}

#[test]
#[ignore = "minutes: npm run test:full"]
fn wide_thefts() {
    for loot in [Loot::Token, Loot::Storage] {
        let bounds = Bounds {
            sends: 3,
            losses: 1,
            jumps: 2,
            thefts: 4,
            loot,
            accomplice: true,
            ..Bounds::NONE
        };
        assert!(search("wide: two thieves and losses", bounds) > 700_000);
    }
}

#[test]
fn a_search_that_looks_for_the_impossible_finds_it() {
    // The rules of the world itself are tested: a client that forgets its attempts is revoked when
    // it retries after the grace, and the search must see that.
    let bounds = Bounds { sends: 3, losses: 1, jumps: 1, attempts: false, ..Bounds::NONE };
    let found = std::panic::catch_unwind(|| search("forgetful", bounds));
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
