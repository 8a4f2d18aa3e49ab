//! Clocks that are wrong, jump or stand still, and timers that come late.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::session::{
    Caller, Entropy, Input, LONGEST_DELAY, Machine, Now, Output, Settings, Status,
};
use sim::{Fault, World};

const T: f64 = sim::LIFE;
const HOUR: f64 = 3_600_000.0;

/// Requests in ten lives of a token, while clocks do what `change` does at half-time.
fn posts(skew: f64, change: impl Fn(&mut World)) -> usize {
    let mut world = World::new(&[]);
    world.skew = skew;
    world.open();
    world.sign_in(0);
    world.pass(5.0 * T);
    change(&mut world);
    let tab = world.tabs.len() - 1;
    let caller = world.ask(tab, false);
    world.pass(5.0 * T);
    // The simulation refuses to hand an expired token out.
    world.token(tab, caller);
    assert_eq!(world.status(tab), Status::Active);
    world.posts()
}

#[test]
fn c14_a_clock_that_is_wrong_by_hours_costs_nothing() {
    let right = posts(0.0, |_| {});
    for skew in [2.0 * HOUR, -2.0 * HOUR, -200_000.0 * HOUR] {
        assert_eq!(posts(skew, |_| {}), right, "{skew}");
    }
}

#[test]
fn c14_a_clock_that_jumps_costs_one_request_at_most() {
    let right = posts(0.0, |_| {});
    for jump in [HOUR, -HOUR, 2.0 * HOUR, -2.0 * HOUR, 60_000.0, -60_000.0] {
        let more = posts(0.0, |world| world.skew += jump);
        assert!((right..=right + 1).contains(&more), "{jump}: {more} for {right}");
    }
}

#[test]
fn c14_a_reload_with_a_wrong_clock_costs_one_request_at_most() {
    let reload = |world: &mut World| {
        world.kill(0);
        world.open();
    };
    let right = posts(0.0, reload);
    for jump in [HOUR, -HOUR, 2.0 * HOUR, -2.0 * HOUR] {
        let more = posts(0.0, |world| {
            world.skew += jump;
            reload(world);
        });
        assert!((right..=right + 1).contains(&more), "{jump}: {more} for {right}");
        // And once more when it is right again.
        let more = posts(jump, |world| {
            world.skew = 0.0;
            reload(world);
        });
        assert!((right..=right + 1).contains(&more), "{jump}: {more} for {right}");
    }
}

#[test]
fn c14_who_sees_the_clock_set_back_leaves_nothing_in_storage_that_seems_younger_than_it_is() {
    let mut world = World::signed_in(&[Fault::Unreachable]);
    world.pass(200.0);
    world.skew = -150_000.0;
    world.feed(0, Input::Wake);
    world.pass(0.1);
    world.kill(0);
    world.pass(120.0);
    // By the clock it is 170 seconds old.
    let tab = world.open();
    let caller = world.ask(tab, false);
    world.pass(1.0);
    assert_eq!((world.token(tab, caller).0.as_str(), world.posts()), ("a1", 2));
}

#[test]
fn c14_an_answer_that_was_under_way_while_the_clock_was_set_back_may_be_as_old_as_any_sleep() {
    let mut world = World::signed_in(&[]);
    let caller = world.ask(0, true);
    world.sleep(2.0 * T);
    world.skew = -3.0 * T * 1e3;
    // The simulation refuses to hand an expired token out.
    world.pass(1.0);
    assert_eq!((world.token(0, caller).0.as_str(), world.posts()), ("a2", 2));
}

#[test]
fn c14_a_clock_that_is_set_back_in_two_flights_in_a_row_refuses_nobody() {
    let mut world = World::signed_in(&[]);
    let caller = world.ask(0, true);
    for _ in 0..2 {
        world.set_clock(-60e3);
        world.pass(0.11);
    }
    world.pass(5.0);
    assert_eq!(world.token(0, caller).0, "a3");
}

#[test]
fn c14_c15_a_token_is_not_at_hand_once_the_clock_was_set_back() {
    let mut world = World::signed_in(&[]);
    let caller = world.ask(0, false);
    let (_, stamp) = world.token(0, caller);
    world.sleep(2.0 * T);
    world.skew = -3.0 * T * 1e3;
    let now = world.now();
    assert!(!world.tabs[0].machine.serves(stamp, 0.0, now), "it may hide any sleep");
    world.feed(0, Input::Wake);
    let caller = world.ask(0, false);
    world.pass(1.0);
    assert_eq!(world.token(0, caller).0, "a1");
}

#[test]
fn c14_the_end_that_was_told_at_sign_in_stands_where_a_clock_is_set_back_and_right_again() {
    for refresh in ["", r#","expires_in":300,"refresh_token":"r0""#] {
        let mut world = World::new(&[]);
        let tab = world.open();
        world.ends.insert(0, if refresh.is_empty() { f64::MAX } else { T * 1e3 });
        let json = format!(r#"{{"access_token":"a0","session_expires_in":28800{refresh}}}"#);
        world.sign_in_with(tab, json);
        for by in [-4.0 * HOUR, 4.0 * HOUR] {
            world.pass(600.0);
            world.set_clock(by);
        }
        world.pass(600.0);
        world.kill(tab);
        let tab = world.open();
        world.pass(4.5 * 3_600.0);
        assert_eq!(world.status(tab), Status::Active);
    }
}

#[test]
fn c15_nobody_gets_an_expired_token_whichever_clock_stood_still() {
    for hours in [0.1, 1.0, 8.0, 72.0] {
        for set_back in [false, true] {
            let mut world = World::signed_in(&[]);
            world.pass(10.0);
            world.tabs[0].frozen = true;
            if set_back {
                world.pass(hours * 3_600.0);
                world.skew = -hours * HOUR;
            } else {
                world.sleep(hours * 3_600.0);
            }
            world.tabs[0].frozen = false;
            let caller = world.ask(0, false);
            assert_eq!(world.got(0, caller), None);
            world.pass(1.0);
            assert_eq!((world.token(0, caller).0.as_str(), world.posts()), ("a1", 1));
        }
    }
}

#[test]
fn c16_a_tab_whose_timers_came_late_sends_one_request_and_none_where_another_was_faster() {
    let mut world = World::new(&[]);
    world.talk = true;
    let (hidden, other) = (world.open(), world.open());
    world.sign_in(hidden);
    world.pass(1.0);
    world.tabs[other].frozen = true;
    world.tabs[hidden].frozen = true;
    world.pass(3.0 * T);
    // Shown: the timer that was due long ago, and the event.
    world.tabs[hidden].frozen = false;
    world.feed(hidden, Input::Wake);
    world.feed(hidden, Input::Wake);
    world.pass(1.0);
    assert_eq!(world.posts(), 1);
    world.tabs[other].frozen = false;
    world.feed(other, Input::Wake);
    world.pass(1.0);
    assert_eq!((world.posts(), world.status(other)), (1, Status::Active));
}

#[test]
fn c27_a_page_that_comes_and_goes_with_a_valid_token_does_nothing() {
    let mut world = World::signed_in(&[]);
    let snapshot = world.tabs[0].machine.snapshot().clone();
    for _ in 0..20 {
        world.pass(1.0);
        world.feed(0, Input::Wake);
        world.feed(0, Input::Online);
        world.feed(0, Input::StorageChanged);
    }
    assert_eq!((world.posts(), world.tabs[0].events.as_slice()), (0, ["signedIn"].as_slice()));
    assert_eq!(*world.tabs[0].machine.snapshot(), snapshot);
}

/// How long a machine waits, once nothing is left to do, and whether it sent a refresh before.
fn waits(machine: &mut Machine, input: Input, at: f64) -> (bool, f64) {
    machine.handle_input(input, Now { wall: 1e12 + at, monotonic: at });
    let mut sent = false;
    loop {
        match machine.poll_output() {
            Output::Wait(delay) => return (sent, delay.unwrap()),
            Output::Read { read, .. } => {
                let input = Input::Stored { read, items: Vec::new() };
                machine.handle_input(input, Now { wall: 1e12 + at, monotonic: at });
            }
            Output::Send { .. } => sent = true,
            _ => {}
        }
    }
}

/// A machine that was signed in at the time 0 for so many seconds, and how long it waits.
fn signed_in(seed: u32, life: u64) -> (Machine, f64) {
    let mut settings = Settings::default();
    settings.seed = seed;
    let mut machine = Machine::new(settings);
    waits_for_nothing(&mut machine);
    let json = format!(r#"{{"access_token":"a0","expires_in":{life},"refresh_token":"r0"}}"#);
    let input = Input::Tokens { caller: Caller(0), json, entropy: Entropy([1; 32]) };
    let (_, delay) = waits(&mut machine, input, 0.0);
    (machine, delay)
}

fn waits_for_nothing(machine: &mut Machine) {
    machine.handle_input(Input::Start, Now { wall: 1e12, monotonic: 0.0 });
    let Output::Read { read, .. } = machine.poll_output() else { panic!() };
    machine.handle_input(
        Input::Stored { read, items: Vec::new() },
        Now { wall: 1e12, monotonic: 0.0 },
    );
    while !matches!(machine.poll_output(), Output::Wait(None)) {}
}

#[test]
fn c17_a_token_that_lives_for_30_days_is_renewed_a_minute_before_its_end() {
    const DAY: f64 = 86_400_000.0;
    let (mut machine, mut delay) = signed_in(1, 30 * 86_400);
    let mut at = 0.0;
    loop {
        assert!(delay <= LONGEST_DELAY, "a longer delay fires at once");
        at += delay.ceil();
        let (reading, next) = waits(&mut machine, Input::Wake, at);
        delay = next;
        // Its storage is empty, so instead of sending it misses its session.
        if reading || delay <= 1_000.0 {
            break;
        }
    }
    let before = 30.0 * DAY - at;
    assert!((60_000.0..=67_500.0).contains(&before), "{before} ms before the end");
}

#[test]
fn c18_ten_thousand_clients_of_one_second_do_not_renew_in_step() {
    const CLIENTS: u32 = 10_000;
    let step = u32::MAX / CLIENTS;
    let mut delays: Vec<_> = (0..CLIENTS).map(|client| signed_in(client * step, 900).1).collect();
    delays.sort_by(f64::total_cmp);
    let (first, last) = (delays[0], delays[delays.len() - 1]);
    assert!(last - first >= 6_000.0, "over {} ms of a lead of 60 s", last - first);
    // No second of these has more than its share, and a half.
    let seconds = (last - first) / 1_000.0;
    let most = delays.iter().map(|from| {
        delays.iter().filter(|delay| (*from..*from + 1_000.0).contains(*delay)).count()
    });
    let most = u32::try_from(most.step_by(100).max().unwrap()).unwrap();
    assert!(f64::from(most) < 1.5 * f64::from(CLIENTS) / seconds, "{most} in one second");
}
