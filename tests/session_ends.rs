//! How sessions end by themselves: nobody uses them, or their time is over (C30).

#![cfg(feature = "client")]

mod sim;

use evertoken::core::error::Code;
use evertoken::core::session::{EndReason, Input, Stamp, Status};
use proptest::prelude::*;
use sim::{Fault, Got, World};

const T: f64 = sim::LIFE;
const MINUTE: f64 = 60.0;

fn idle_world() -> World {
    let mut world = World::new(&[]);
    world.settings.idle_timeout = Some(15.0 * MINUTE);
    let tab = world.open();
    world.sign_in(tab);
    world
}

fn happened(world: &World, tab: usize, event: &str) -> usize {
    world.tabs[tab].events.iter().filter(|name| **name == event).count()
}

#[test]
fn c30_fifteen_idle_minutes_end_the_session_in_every_tab_although_it_was_renewed_meanwhile() {
    let mut world = idle_world();
    let other = world.open();
    world.pass(14.0 * MINUTE - 1.0);
    assert!(world.posts() >= 3, "it was renewed");
    assert_eq!(
        (happened(&world, 0, "idleCountdown"), happened(&world, other, "idleCountdown")),
        (0, 0)
    );
    world.pass(2.0);
    assert_eq!(
        (happened(&world, 0, "idleCountdown"), happened(&world, other, "idleCountdown")),
        (1, 1)
    );
    world.pass(58.0);
    assert_eq!(world.status(0), Status::Active);
    world.pass(1.1);
    let posts = world.posts();
    for tab in [0, other] {
        assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
        assert_eq!(happened(&world, tab, "ended"), 1);
    }
    assert!(world.storage.is_empty());
    assert_eq!(world.server.revoked.len(), 1, "the server is told once");
    world.pass(10.0 * T);
    assert_eq!(world.posts(), posts);
}

#[test]
fn c14_c30_a_clock_that_is_set_back_keeps_no_unused_session_alive() {
    let mut world = idle_world();
    let other = world.open();
    world.pass(9.0 * MINUTE);
    world.set_clock(-2.0 * 3_600e3);
    // Both wrote down anew when it was used, so a page that is opened later knows it as well.
    world.kill(0);
    world.kill(other);
    world.sleep(7.0 * MINUTE);
    let late = world.open();
    assert_eq!(world.tabs[late].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c14_c30_what_was_noted_before_the_clock_was_set_back_is_no_use_after_it() {
    let mut world = idle_world();
    world.pass(10.0 * MINUTE);
    // Now the clock comes to the time at which the session was last used, which is no later use.
    world.set_clock(-10.0 * MINUTE * 1e3);
    world.pass(5.0 * MINUTE + 1.0);
    assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c30_c53_a_session_is_stored_with_the_note_of_its_use_or_not_at_all() {
    let world = idle_world();
    assert!(world.storage.iter().any(|item| item.key.ends_with(":used")));
    let mut full = idle_world();
    // Storage takes no more: the page goes on in a memory of its own, note and all.
    full.storage.clear();
    full.feed(0, Input::StorageFailed);
    assert!(full.storage.iter().any(|item| item.key.ends_with(":used")));
}

#[test]
fn c30_activity_in_any_tab_counts_for_all_and_stops_the_countdown() {
    let mut world = idle_world();
    let other = world.open();
    for _ in 0..40 {
        world.pass(5.0 * MINUTE);
        world.feed(other, Input::Active);
    }
    assert_eq!((happened(&world, 0, "idleCountdown"), world.status(0)), (0, Status::Active));
    world.pass(14.5 * MINUTE);
    assert_eq!(
        (happened(&world, 0, "idleCountdown"), happened(&world, other, "idleCountdown")),
        (1, 1)
    );
    world.feed(other, Input::Active);
    world.feed(0, Input::StorageChanged);
    assert_eq!(
        (happened(&world, 0, "idleCountdown"), happened(&world, other, "idleCountdown")),
        (2, 2)
    );
    world.pass(13.9 * MINUTE);
    assert_eq!((world.status(0), world.status(other)), (Status::Active, Status::Active));
    world.pass(1.2 * MINUTE);
    assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c30_a_tab_that_no_event_reaches_still_counts_what_other_tabs_noted() {
    let mut world = idle_world();
    let other = world.open();
    for _ in 0..120 {
        world.pass(MINUTE);
        world.feed(other, Input::Active);
    }
    assert_eq!((world.status(0), happened(&world, 0, "idleCountdown")), (Status::Active, 0));
}

#[test]
fn c30_nobody_gets_a_token_after_an_idle_night_and_no_late_activity_revives_it() {
    for active in [false, true] {
        let mut world = idle_world();
        world.sleep(8.0 * 3_600.0);
        if active {
            world.feed(0, Input::Active);
        } else {
            let caller = world.ask(0, true);
            assert!(matches!(world.got(0, caller), Some(Got::Refused(error))
                if error.code == Code::RefreshExpired && error.detail().reason == Some("idle")));
        }
        assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Idle));
        assert_eq!(world.posts(), 0);
    }
}

#[test]
fn c30_a_reload_is_no_activity_and_remembers_when_there_was_some() {
    let mut world = idle_world();
    world.pass(10.0 * MINUTE);
    world.kill(0);
    let tab = world.open();
    world.pass(4.0 * MINUTE + 1.0);
    assert_eq!(happened(&world, tab, "idleCountdown"), 1);
    world.kill(tab);
    world.sleep(MINUTE);
    let tab = world.open();
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
    assert!(world.storage.is_empty());
}

/// The same with a server that says how much of the session is left.
fn told_world() -> World {
    let mut world = World::new(&[]);
    world.settings.idle_timeout = Some(15.0 * MINUTE);
    world.server.session_ends_at = Some(30.0 * 86_400e3);
    let tab = world.open();
    world.sign_in(tab);
    world
}

#[test]
fn c14_c30_a_clock_that_is_set_forward_past_the_idle_end_costs_one_refresh_and_no_session() {
    for reload in [false, true] {
        let mut world = told_world();
        let other = world.open();
        world.pass(30.0);
        world.feed(0, Input::Active);
        world.pass(60.0);
        if reload {
            world.kill(other);
            world.kill(0);
        }
        world.skew += 5.0 * 3_600e3;
        let tab = if reload { world.open() } else { 0 };
        let caller = world.ask(tab, false);
        assert_eq!(world.got(tab, caller), None, "nobody knows yet whether it is over");
        world.pass(1.0);
        assert_eq!((world.token(tab, caller).0, world.posts()), (String::from("a1"), 1));
        assert_eq!(
            (world.status(tab), happened(&world, tab, "idleCountdown")),
            (Status::Active, 0)
        );
        // And it ends when it would have ended, but for what no answer can tell apart.
        world.pass(13.0 * MINUTE);
        assert_eq!(world.status(tab), Status::Active);
        world.pass(4.0 * MINUTE);
        assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
        assert!(world.storage.is_empty());
    }
}

#[test]
fn c14_c30_after_a_sleep_that_was_one_the_server_is_asked_and_the_session_ends() {
    for reload in [false, true] {
        let mut world = told_world();
        world.pass(60.0);
        if reload {
            world.kill(0);
        }
        world.sleep(8.0 * 3_600.0);
        let tab = if reload { world.open() } else { 0 };
        world.feed(tab, Input::Active);
        let caller = world.ask(tab, false);
        world.pass(2.0);
        assert!(matches!(world.got(tab, caller), Some(Got::Refused(error))
            if error.detail().reason == Some("idle")));
        assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
        assert_eq!((world.posts(), world.storage.len()), (1, 0));
        assert_eq!(world.server.revoked, ["r1"]);
    }
}

/// Used in turn in two tabs while nobody can be asked, with gaps in each that are longer than the idle time.
#[test]
fn c14_c30_late_use_in_several_tabs_is_use_of_one_session() {
    for reload in [false, true] {
        let mut world = told_world();
        world.talk = true;
        let mut other = world.open();
        world.pass(60.0);
        world.server.faults = vec![Fault::Unreachable; 1_000];
        world.skew += 2.0 * 3_600e3;
        for turn in 0..6 {
            world.pass(9.0 * MINUTE);
            world.feed([0, other][turn % 2], Input::Active);
        }
        world.pass(35.0);
        if reload {
            world.kill(other);
            other = world.open();
        }
        world.server.faults.clear();
        world.pass(2.0 * MINUTE);
        assert_eq!((world.status(0), world.status(other)), (Status::Active, Status::Active));
        world.pass(12.0 * MINUTE);
        assert_eq!(world.status(0), Status::Active);
        world.pass(6.0 * MINUTE);
        assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Idle));
        assert!(world.storage.is_empty());
    }
}

#[test]
fn c14_c30_a_tab_that_stood_still_while_the_clock_was_set_back_believes_what_others_noted() {
    let mut world = told_world();
    world.open();
    world.pass(60.0);
    world.tabs[0].frozen = true;
    world.pass(60.0);
    world.set_clock(-10.0 * MINUTE * 1e3);
    world.pass(60.0);
    // What the first tab sees of all this is less than the idle time.
    world.sleep(20.0 * MINUTE);
    world.tabs[0].frozen = false;
    let caller = world.ask(0, false);
    world.pass(10.0);
    assert!(!matches!(world.got(0, caller), Some(Got::Token(..))));
    assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Idle));
}

/// A clock that was set back before a sleep takes nothing of the sleep back.
#[test]
fn c14_c30_a_night_after_the_clock_was_set_back_is_no_use_to_any_tab() {
    for reload in [false, true] {
        let mut world = told_world();
        world.talk = true;
        world.pass(5.0 * MINUTE);
        world.set_clock(-3_600e3);
        world.pass(60.0);
        let mut other = world.open();
        world.pass(4.0 * MINUTE);
        world.server.faults = vec![Fault::Unreachable; 1_000];
        world.sleep(50.0 * MINUTE);
        world.feed(0, Input::Active);
        world.pass(35.0);
        if reload {
            world.kill(0);
            world.kill(other);
            other = world.open();
        }
        world.server.faults.clear();
        world.pass(2.0 * MINUTE);
        assert_eq!(world.tabs[other].machine.snapshot().end_reason, Some(EndReason::Idle));
        assert!(world.storage.is_empty());
    }
}

#[test]
fn c14_c30_late_use_is_noted_anew_when_the_clock_is_set_right() {
    let mut world = told_world();
    world.pass(60.0);
    world.server.faults = vec![Fault::Unreachable; 1_000];
    world.skew += 2.0 * 3_600e3;
    for minutes in [8.0, 9.0] {
        world.pass(minutes * MINUTE);
        world.feed(0, Input::Active);
    }
    world.pass(2.0 * MINUTE);
    world.set_clock(-2.0 * 3_600e3);
    world.kill(0);
    let tab = world.open();
    world.server.faults.clear();
    world.pass(11.0 * MINUTE);
    assert_eq!(world.status(tab), Status::Active);
    world.pass(6.0 * MINUTE);
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c14_c30_late_use_is_noted_without_what_was_taken_back() {
    let mut world = told_world();
    world.pass(60.0);
    world.server.faults = vec![Fault::Unreachable; 1_000];
    for _ in 0..2 {
        world.set_clock(2.0 * 3_600e3);
        world.pass(9.0 * MINUTE);
        world.feed(0, Input::Active);
    }
    world.pass(MINUTE);
    world.set_clock(-4.0 * 3_600e3);
    world.kill(0);
    let tab = world.open();
    world.server.faults.clear();
    world.pass(12.0 * MINUTE);
    assert_eq!(world.status(tab), Status::Active);
    world.pass(5.0 * MINUTE);
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c14_c30_tabs_that_take_back_different_jumps_do_not_note_against_each_other() {
    let mut world = World::new(&[]);
    world.talk = true;
    world.settings.idle_timeout = Some(5.0 * MINUTE);
    world.server.session_ends_at = Some(86_400e3);
    let (first, other) = (world.open(), world.open());
    world.sign_in(first);
    world.pass(30.0);
    world.kill(first);
    let tab = world.open();
    world.server.faults = vec![Fault::Unreachable; 1_000];
    // The younger one sees it first.
    let set = |world: &mut World, by: f64| {
        world.skew += by;
        for which in [tab, other] {
            world.feed(which, Input::Wake);
        }
    };
    // Storage knows whole milliseconds, so these are none.
    set(&mut world, 2_800_065.5);
    set(&mut world, 2_300e3);
    world.sleep(540.0);
    world.pass(90.013_2);
    world.feed(other, Input::Active);
    world.pass(35.0);
    set(&mut world, -2_400_837.5);
    set(&mut world, -1_700e3);
    // The simulation fails where anything is due again and again.
    world.pass(5.0 * MINUTE);
    assert_eq!(world.status(other), Status::Waiting);
}

#[test]
fn c30_use_after_a_night_revives_nothing_by_way_of_storage() {
    let mut world = told_world();
    world.server.faults = vec![Fault::Unreachable; 1_000];
    world.pass(60.0);
    world.sleep(8.0 * 3_600.0);
    world.feed(0, Input::Active);
    world.pass(35.0);
    world.kill(0);
    let tab = world.open();
    world.feed(tab, Input::Active);
    world.pass(35.0);
    let caller = world.ask(tab, false);
    world.pass(0.1);
    assert!(matches!(world.got(tab, caller), Some(Got::Refused(_))));
    world.server.faults.clear();
    world.pass(2.0 * MINUTE);
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
    assert!(world.storage.is_empty());
}

#[test]
fn c30_a_token_that_lives_is_not_given_while_nobody_knows_whether_the_session_is_over() {
    let mut world = World::new(&[]);
    world.settings.idle_timeout = Some(2.0 * MINUTE);
    world.server.session_ends_at = Some(86_400e3);
    let tab = world.open();
    world.sign_in(tab);
    let caller = world.ask(tab, false);
    let (_, stamp) = world.token(tab, caller);
    world.pass(30.0);
    world.server.faults = vec![Fault::Unreachable; 100];
    world.skew += 200e3;
    let now = world.now();
    assert!(!world.tabs[tab].machine.serves(stamp, 0.0, now));
    let caller = world.ask(tab, false);
    world.pass(0.1);
    assert!(matches!(world.got(tab, caller), Some(Got::Refused(error))
        if error.code == Code::RefreshUnavailable));
    assert_eq!(world.status(tab), Status::Waiting);
    let late = Stamp { generation: stamp.generation + 1, ..stamp };
    let caller = world.unauthorized(tab, late);
    world.pass(0.1);
    assert_eq!(world.got(tab, caller), Some(Got::HandedOn));
    world.server.faults.clear();
    world.pass(70.0);
    assert_eq!(world.status(tab), Status::Active);
}

#[test]
fn c30_a_session_that_only_sleeps_interrupt_ends_although_each_is_short() {
    let mut world = told_world();
    let end = (1..100).find(|_| {
        world.sleep(85.0);
        world.feed(0, Input::Wake);
        world.ask(0, true);
        world.pass(2.0);
        world.status(0) == Status::Ended
    });
    // Fifteen minutes, and what no answer can tell apart, once.
    assert!(end.is_some_and(|end| f64::from(end) * 87.0 < 17.5 * MINUTE), "{end:?}");
}

#[test]
fn c14_c30_a_clock_that_is_set_forward_and_back_again_ends_nothing_after_a_reload() {
    let mut world = told_world();
    world.server.faults = vec![Fault::Unreachable; 100];
    world.pass(10.0);
    for by in [600e3, -600e3] {
        world.set_clock(by);
        world.pass(50.0);
    }
    world.kill(0);
    world.server.faults.clear();
    let tab = world.open();
    world.pass(12.5 * MINUTE);
    assert_eq!(world.status(tab), Status::Active);
    world.pass(3.0 * MINUTE);
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c14_c30_a_jump_that_was_taken_back_prolongs_nothing_after_a_reload() {
    let mut world = told_world();
    world.server.faults = vec![Fault::Unreachable; 100];
    for by in [3_600e3, -3_600e3] {
        world.set_clock(by);
    }
    world.pass(12.0 * MINUTE);
    world.kill(0);
    world.server.faults.clear();
    let tab = world.open();
    world.pass(5.0 * MINUTE);
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c14_c30_a_clock_that_is_set_back_and_forward_again_ends_nothing_after_a_reload() {
    let mut world = told_world();
    world.server.faults = vec![Fault::Unreachable; 100];
    for by in [-3_000e3, 700e3] {
        world.set_clock(by);
    }
    world.kill(0);
    world.server.faults.clear();
    let tab = world.open();
    world.pass(14.5 * MINUTE);
    assert_eq!(world.status(tab), Status::Active);
    world.pass(2.0 * MINUTE);
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c14_c30_a_use_noted_for_a_time_to_come_is_not_one_again_for_each_page() {
    let mut world = told_world();
    world.pass(60.0);
    world.kill(0);
    world.skew -= 2.0 * 3_600e3;
    for _ in 0..2 {
        let tab = world.open();
        world.pass(10.0 * MINUTE);
        world.kill(tab);
    }
    assert!(world.storage.is_empty(), "nobody used it for 20 minutes");
}

#[test]
fn c14_c30_a_clock_that_was_set_back_while_every_page_was_closed_ends_nothing_later() {
    for seen in [false, true] {
        let mut world = told_world();
        world.pass(60.0);
        world.kill(0);
        world.server.faults = vec![Fault::Unreachable; 100];
        world.skew -= 2.0 * 3_600e3;
        let tab = world.open();
        world.feed(tab, Input::Active);
        world.pass(60.0);
        world.skew += 1_500e3;
        if seen {
            world.feed(tab, Input::Wake);
        }
        world.kill(tab);
        world.server.faults.clear();
        let tab = world.open();
        world.pass(10.0);
        assert_eq!(world.status(tab), Status::Active);
    }
}

#[test]
fn c14_c30_a_tab_does_not_go_on_writing_against_one_that_knows_otherwise() {
    let mut world = told_world();
    world.pass(60.0);
    world.server.faults = vec![Fault::Unreachable; 1_000];
    world.skew += 2.0 * 3_600e3;
    world.feed(0, Input::Active);
    let mut written = 0;
    for _ in 0..100 {
        let used = world.storage.iter_mut().find(|item| item.key.ends_with(":used")).unwrap();
        // Of late use the other one says nothing.
        let (last_use, late) = used.value.split_once(' ').unwrap_or((&used.value, ""));
        written += usize::from(!late.is_empty());
        used.value = String::from(last_use);
        world.feed(0, Input::StorageChanged);
        world.pass(0.5);
    }
    assert!((2..=4).contains(&written), "{written} times in 50 seconds");
}

#[test]
fn c30_use_after_the_end_is_none_whatever_the_server_says_of_the_clock() {
    let mut world = told_world();
    world.server.faults = vec![Fault::Unreachable; 1_000];
    world.pass(10.0);
    world.skew += 3_600e3;
    // The clock was wrong, and the session was over by itself before somebody came.
    world.pass(20.0 * MINUTE);
    world.feed(0, Input::Active);
    world.server.faults.clear();
    world.pass(2.0 * MINUTE);
    assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c30_a_session_that_is_said_to_last_for_ever_still_ends_when_nobody_uses_it() {
    let mut world = World::new(&[]);
    world.settings.idle_timeout = Some(15.0 * MINUTE);
    let tab = world.open();
    let json = format!(
        r#"{{"access_token":"a0","expires_in":{T},"refresh_token":"r0","session_expires_in":1e308}}"#
    );
    world.sign_in_with(tab, json);
    world.sleep(20.0 * MINUTE);
    world.feed(tab, Input::Wake);
    world.pass(5.0);
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
}

#[test]
fn c10_c30_while_nobody_can_be_asked_no_token_is_given_and_whoever_goes_on_goes_on() {
    let mut world = told_world();
    world.pass(60.0);
    world.server.faults = vec![Fault::Unreachable; 4];
    world.skew += 2.0 * 3_600e3;
    let caller = world.ask(0, false);
    world.pass(0.1);
    assert!(
        matches!(world.got(0, caller), Some(Got::Refused(error)) if error.code == Code::RefreshUnavailable)
    );
    assert_eq!(world.status(0), Status::Waiting);
    world.feed(0, Input::Active);
    world.pass(10.0 * MINUTE);
    let caller = world.ask(0, false);
    assert!(matches!(world.got(0, caller), Some(Got::Token(..))));
    world.pass(4.0 * MINUTE);
    assert_eq!(world.status(0), Status::Active);
}

#[test]
fn c30_who_sleeps_where_nobody_can_be_asked_is_signed_out_once_somebody_can() {
    let mut world = told_world();
    world.talk = true;
    let other = world.open();
    world.server.faults = vec![Fault::Unreachable; 100];
    world.sleep(8.0 * 3_600.0);
    for tab in [0, other] {
        world.feed(tab, Input::Wake);
    }
    world.feed(other, Input::Active);
    world.pass(20.0 * MINUTE);
    for tab in [0, other] {
        let caller = world.ask(tab, false);
        world.pass(0.1);
        assert!(matches!(world.got(tab, caller), Some(Got::Refused(error))
            if error.code == Code::RefreshUnavailable));
        assert_eq!(world.status(tab), Status::Waiting);
    }
    world.server.faults.clear();
    world.pass(2.0 * MINUTE);
    for tab in [0, other] {
        assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Idle));
    }
    assert!(world.storage.is_empty());
}

#[test]
fn c14_c30_a_tab_that_is_answered_first_hears_of_use_in_another_one() {
    let mut world = told_world();
    world.talk = true;
    let other = world.open();
    world.pass(60.0);
    world.server.faults = vec![Fault::Unreachable; 100];
    world.set_clock(2.0 * 3_600e3);
    for _ in 0..6 {
        world.pass(5.0 * MINUTE);
        world.feed(other, Input::Active);
    }
    world.server.faults.clear();
    world.pass(2.0 * MINUTE);
    assert_eq!((world.status(0), world.status(other)), (Status::Active, Status::Active));
}

fn ending(session: f64) -> World {
    let mut world = World::new(&[]);
    let tab = world.open();
    let json = format!(
        r#"{{"access_token":"a0","expires_in":{T},"refresh_token":"r0","session_expires_in":{session}}}"#
    );
    world.sign_in_with(tab, json);
    world
}

#[test]
fn c30_the_absolute_end_ends_the_session_however_much_it_is_used() {
    let mut world = ending(1_000.0);
    for _ in 0..99 {
        world.feed(0, Input::Active);
        world.pass(10.0);
    }
    assert_eq!((happened(&world, 0, "expiring"), world.status(0)), (1, Status::Active));
    world.pass(10.0);
    assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Expired));
    assert_eq!(world.tabs[0].events.iter().filter(|event| **event == "ended").count(), 1);
    let posts = world.posts();
    world.pass(10.0 * T);
    assert_eq!((world.posts(), world.storage.len()), (posts, 0));
}

#[test]
fn c30_the_last_access_token_of_a_session_is_not_renewed() {
    let mut world = ending(T);
    world.pass(T - 1.0);
    assert_eq!((world.posts(), world.status(0)), (0, Status::Active));
    world.pass(1.0);
    assert_eq!(world.tabs[0].machine.snapshot().end_reason, Some(EndReason::Expired));
}

#[test]
fn c30_use_that_a_tab_takes_for_too_late_counts_where_another_tab_knows_better() {
    let mut world = World::new(&[]);
    world.settings.idle_timeout = Some(342.4);
    let (tab, other) = (world.open(), world.open());
    world.sign_in(tab);
    world.feed(other, Input::StorageChanged);
    world.pass(288.3);
    world.feed(tab, Input::Active);
    // What the one wrote reaches the other only after it woke up, and after the first key was pressed there.
    world.sleep(203.5);
    world.feed(other, Input::Active);
    world.pass(175.4);
    assert_eq!((world.status(tab), world.status(other)), (Status::Active, Status::Active));
}

#[test]
fn c14_a_clock_that_jumped_past_the_absolute_end_asks_the_server_and_ends_nothing() {
    let mut world = ending(86_400.0);
    world.sleep(31.0 * 86_400.0);
    let caller = world.ask(0, false);
    world.pass(1.0);
    assert_eq!(world.token(0, caller).0, "a1");
    world.pass(10.0 * T);
    assert_eq!(world.status(0), Status::Active);
}

#[test]
fn c14_where_the_server_agrees_that_is_the_end() {
    let mut world = ending(86_400.0);
    world.server.faults =
        vec![Fault::Status(400, r#"{"error":"invalid_grant","code":"expired"}"#, None)];
    world.kill(0);
    world.sleep(2.0 * 86_400.0);
    let tab = world.open();
    world.pass(1.0);
    assert_eq!(world.tabs[tab].machine.snapshot().end_reason, Some(EndReason::Expired));
    assert_eq!((world.posts(), world.storage.len()), (1, 0));
}

#[derive(Clone, Debug)]
enum Step {
    Ask(bool),
    Active(usize),
    Pass(f64),
    Sleep(f64),
    Jump(f64),
    Offline(bool),
    Reload(usize),
    StorageChanged(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => any::<bool>().prop_map(Step::Ask),
        3 => (0..2_usize).prop_map(Step::Active),
        5 => (0.01..300.0).prop_map(Step::Pass),
        1 => (1.0..2_000.0).prop_map(Step::Sleep),
        1 => (-4_000.0..4_000.0).prop_map(Step::Jump),
        1 => any::<bool>().prop_map(Step::Offline),
        1 => Just(Step::Reload(0)),
        1 => (0..2_usize).prop_map(Step::StorageChanged),
    ]
}

fn end_of(world: &World, tab: usize) -> Option<EndReason> {
    world.tabs[tab].machine.snapshot().end_reason
}

/// Lives through it, and sees that the session ends neither too early nor never.
fn live_through(steps: &[Step], idle: f64, life: f64, told: bool) -> Result<(), TestCaseError> {
    let mut world = World::new(&[]);
    // Use that a tab could not count in time, as it seemed too late, is no secret in a page.
    world.talk = true;
    world.settings.idle_timeout = Some(idle);
    let mut tabs = [world.open(), world.open()];
    let json = format!(
        r#"{{"access_token":"a0","expires_in":{T},"refresh_token":"r0","session_expires_in":{life}}}"#
    );
    world.sign_in_with(tabs[0], json);
    world.ends.insert(0, T * 1e3);
    world.server.session_ends_at = told.then_some(life * 1e3);
    world.feed(tabs[1], Input::StorageChanged);
    let (mut used_at, mut callers, mut set) = (0.0, Vec::new(), 0.0);
    let mut noted_at = 0.0;
    for step in steps {
        match *step {
            Step::Ask(force) => callers.push((tabs[0], world.ask(tabs[0], force))),
            Step::Active(which) => {
                // Nobody turns to another tab within the millisecond.
                world.pass(0.01);
                // A tab that is killed takes along what it has not noted yet: then it may be over by now.
                let over = tabs.iter().any(|tab| end_of(&world, *tab).is_some());
                // Storage knows whole milliseconds.
                let late = over || world.at - used_at >= idle * 1e3 - 1.0;
                world.feed(tabs[which], Input::Active);
                if !late {
                    used_at = world.at;
                }
            }
            Step::Pass(seconds) => {
                world.pass(seconds);
                if seconds > 35.0 {
                    noted_at = used_at;
                }
            }
            Step::Sleep(seconds) => world.sleep(seconds),
            // Without a server that tells the time a clock that was set is a sleep.
            Step::Jump(seconds) if told => {
                // A sleep that was not seen before the clock was set back by as much was none to anybody.
                for by in [0.0, seconds] {
                    world.set_clock(by * 1e3);
                }
                set += seconds.max(0.0);
            }
            Step::Offline(off) if told => {
                world.server.faults =
                    if off { vec![Fault::Unreachable; 10_000] } else { Vec::new() };
            }
            Step::Jump(_) | Step::Offline(_) => {}
            Step::Reload(which) => {
                world.kill(tabs[which]);
                // It takes along what it could not note before it knew whether that was too late.
                used_at = noted_at;
                callers.retain(|(tab, _)| *tab != tabs[which]);
                tabs[which] = world.open();
            }
            Step::StorageChanged(which) => world.feed(tabs[which], Input::StorageChanged),
        }
        if tabs.iter().any(|tab| end_of(&world, *tab) == Some(EndReason::Idle)) {
            // What another tab noted may be as old as half a countdown.
            let slack = (idle * 125.0).min(30_000.0) + 1.0;
            prop_assert!(world.at - used_at >= idle * 1e3 - slack, "too early");
        }
    }
    world.server.faults.clear();
    // What a short sleep took does not count, nor what a clock was set forward by, perhaps twice.
    world.pass(idle + 170.0 + set);
    for (tab, caller) in callers {
        prop_assert!(world.got(tab, caller).is_some(), "caller {} waits for ever", caller);
    }
    for which in tabs {
        prop_assert!(matches!(world.status(which), Status::Ended | Status::SignedOut));
        prop_assert!(
            world.tabs[which].events.iter().filter(|event| **event == "ended").count() <= 1
        );
    }
    prop_assert!(world.storage.is_empty());
    prop_assert!(!world.server.reused, "an honest client was taken for a thief");
    Ok(())
}

/// What the property found, and readers beside it, each once the end of a session that came too early.
#[test]
fn c14_c30_histories_that_once_ended_a_session_too_early() -> Result<(), TestCaseError> {
    use Step::{Active, Jump, Offline, Pass, Reload, Sleep};
    // Late use that was taken back by different jumps seemed to have a break in it.
    live_through(
        &[
            Pass(100.0),
            Offline(true),
            Jump(3055.0),
            Pass(254.0),
            Active(0),
            Pass(251.0),
            Reload(1),
            Jump(-3_222.930_848_646_314_7),
            Active(0),
            Pass(35.0),
            Offline(false),
            Reload(1),
            Pass(35.0),
        ],
        600.0,
        37_490.468,
        true,
    )?;
    // Storage was read before it was written over.
    live_through(
        &[
            Pass(272.0),
            Active(1),
            Sleep(13.0),
            Jump(-60.0),
            Sleep(300.0),
            Jump(-600.0),
            Pass(163.0),
            Pass(35.0),
            Pass(210.0),
        ],
        879.9,
        41_767.233,
        true,
    )?;
    // A note that was rounded passed for news.
    live_through(
        &[
            Offline(true),
            Jump(600.0),
            Pass(123.714_720_173_950_74),
            Active(1),
            Jump(3600.0),
            Jump(-2690.0),
            Pass(147.0),
            Pass(240.552_858_621_326_72),
            Offline(false),
            Active(0),
            Pass(35.0),
        ],
        404.0,
        56_652.516_496_130_52,
        true,
    )?;
    // What another tab had noted for a time to come passed for news.
    live_through(
        &[Pass(224.2), Jump(-2015.7), Jump(-1838.4), Active(0), Pass(44.3)],
        240.9,
        9_327.8,
        true,
    )?;
    // Late use was noted for a time to come.
    live_through(
        &[
            Jump(1_275.950_846_246_758_6),
            Active(0),
            Jump(1_960.031_529_474_876_6),
            Active(1),
            Jump(-3_709.777_991_753_995_6),
            Jump(2_582.003_089_663_523_5),
            Jump(2_133.938_945_822_851),
            Pass(150.873_082_496_627_9),
        ],
        479.709_163_536_650_07,
        100.0,
        true,
    )?;
    // The tab that was answered first did not wait for the other one.
    live_through(
        &[
            Jump(841.4),
            Active(0),
            Jump(1616.8),
            Active(0),
            Jump(-3978.8),
            Jump(1488.8),
            Pass(268.0),
        ],
        732.6,
        100.0,
        true,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn c30_ends_come_neither_early_nor_never_whatever_happens(
        steps in proptest::collection::vec(step(), 1..50),
        idle in 40.0..900.0,
        life in 100.0..50_000.0,
        told in any::<bool>(),
    ) {
        live_through(&steps, idle, life, told)?;
    }
}
