//! What holds whatever happens in whatever order: no panic, one refresh at a time, no expired token
//! handed out (the simulation asserts these two), every caller settled, no honest user signed out.

#![cfg(feature = "client")]

mod sim;

use evertoken::core::session::{Caller, Input, Stamp, Status};
use proptest::prelude::*;
use sim::{Fault, Got, World};

#[derive(Clone, Debug)]
enum Step {
    Ask(bool),
    Unauthorized(u64),
    Replayed(u64, bool),
    Pass(f64),
    Sleep(f64),
    Reload,
    Wake,
    Online,
    StorageChanged,
    SignInAgain,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<bool>().prop_map(Step::Ask),
        2 => (0..4_u64).prop_map(Step::Unauthorized),
        1 => (0..4_u64, any::<bool>()).prop_map(|(back, taken)| Step::Replayed(back, taken)),
        6 => (0.01..400.0).prop_map(Step::Pass),
        2 => prop_oneof![20.0..600.0, 3_600.0..300_000.0].prop_map(Step::Sleep),
        1 => Just(Step::Reload),
        1 => Just(Step::Wake),
        1 => Just(Step::Online),
        1 => Just(Step::StorageChanged),
        1 => Just(Step::SignInAgain),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::None),
        2 => Just(Fault::AnswerLost),
        1 => Just(Fault::Unreachable),
        1 => Just(Fault::Status(503, "<html>", None)),
        1 => Just(Fault::Status(429, "", Some(30.0))),
        1 => Just(Fault::Status(200, "captive portal", None)),
        2 => (1.0..40_000.0).prop_map(Fault::Slow),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_tab_through_faults_reloads_and_sleep(
        steps in proptest::collection::vec(step(), 1..60),
        faults in proptest::collection::vec(fault(), 0..60),
    ) {
        let mut world = World::signed_in(&faults);
        let mut tab = 0;
        let mut callers = Vec::new();
        for step in steps {
            let generation = world.tabs[tab].machine.snapshot().generation;
            let stamp = |back: u64| Stamp { session: 1, generation: generation.saturating_sub(back) };
            match step {
                Step::Ask(force) => callers.push((tab, world.ask(tab, force))),
                Step::Unauthorized(back) => {
                    callers.push((tab, world.unauthorized(tab, stamp(back))));
                }
                Step::Replayed(back, accepted) => {
                    world.feed(tab, Input::Replayed { used: stamp(back), accepted });
                }
                Step::Pass(seconds) => world.pass(seconds),
                Step::Sleep(seconds) => world.sleep(seconds),
                Step::Reload => {
                    world.kill(tab);
                    callers.clear();
                    tab = world.open();
                }
                Step::Wake => world.feed(tab, Input::Wake),
                Step::Online => world.feed(tab, Input::Online),
                Step::StorageChanged => world.feed(tab, Input::StorageChanged),
                Step::SignInAgain => world.sign_in(tab),
            }
        }
        world.server.faults.clear();
        world.pass(400.0);
        for (tab, caller) in callers {
            prop_assert!(world.got(tab, caller).is_some(), "caller {} waits for ever", caller);
        }
        prop_assert!(!world.server.reused, "an honest client was taken for a thief");
        prop_assert!(matches!(world.status(tab), Status::Active | Status::Refreshing));
        let caller = world.ask(tab, false);
        prop_assert!(matches!(world.got(tab, caller), Some(Got::Token(..))));
    }

    #[test]
    fn a_sign_out_at_any_moment_is_final(
        before in 0.0..700.0, after in 0.0..100.0,
        faults in proptest::collection::vec(fault(), 0..6),
    ) {
        let mut world = World::signed_in(&faults);
        world.pass(before);
        let waiting = world.ask(0, true);
        world.pass(after);
        let done = world.sign_out(0);
        world.pass(1_000.0);
        prop_assert!(world.got(0, waiting).is_some());
        prop_assert_eq!(world.got(0, done), Some(Got::Done));
        prop_assert!(world.storage.is_empty() && world.server.ended);
        prop_assert_eq!(world.tabs[0].events.last(), Some(&"ended"));
        prop_assert_eq!(world.status(0), Status::SignedOut);
    }

    #[test]
    fn answers_to_questions_that_nobody_asked_change_nothing(read: u32, flight: u32, caller: u32) {
        let mut world = World::signed_in(&[]);
        let snapshot = world.tabs[0].machine.snapshot().clone();
        world.feed(0, Input::Stored { read: read.max(100), items: Vec::new() });
        world.feed(0, Input::Answered {
            flight,
            answer: evertoken::core::session::Answer::Tokens(world.server.tokens()),
            entropy: evertoken::core::session::Entropy([9; 32]),
        });
        world.feed(0, Input::Revoked { caller: Some(Caller(caller)), accepted: true });
        prop_assert_eq!(world.tabs[0].machine.snapshot(), &snapshot);
        prop_assert_eq!(world.posts(), 0);
    }
}
