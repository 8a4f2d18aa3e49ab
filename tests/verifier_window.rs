//! V6: within its window a token is accepted by the very same policy, and just outside it is not.

use std::borrow::Cow;
use std::fmt::Write as _;

use evertoken::core::token::claims::parse;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::sign_in::SignIn;
use evertoken::core::token::window::Window;
use proptest::prelude::*;

const NOW: f64 = 1_700_000_000.0;

#[derive(Clone, Debug)]
struct Case {
    payload: String,
    policy: Policy,
}

impl Case {
    fn window(&self) -> Option<Window> {
        Window::of(&self.policy, Some("JWT"), &parse(self.payload.as_bytes()).unwrap())
    }

    fn accepts(&self, now: f64) -> bool {
        self.policy.check(Some("JWT"), &parse(self.payload.as_bytes()).unwrap(), now).is_ok()
    }
}

/// A case whose dates and durations are made by these strategies.
fn case(
    date: impl Strategy<Value = f64> + Clone + 'static,
    duration: impl Strategy<Value = f64> + Clone + 'static,
) -> impl Strategy<Value = Case> {
    use proptest::option::of;
    let claims = (of(date.clone()), of(date.clone()), of(date.clone()), of(date));
    let rules = (duration.clone(), of(duration), of(0_u32..2_000), any::<bool>());
    (claims, rules).prop_map(|((exp, nbf, iat, auth), (tolerance, age, auth_age, requires_exp))| {
        let mut payload = String::from("{\"sub\":\"me\"");
        for (name, value) in [("exp", exp), ("nbf", nbf), ("iat", iat), ("auth_time", auth)] {
            if let Some(value) = value {
                write!(payload, ",\"{name}\":{value:?}").unwrap();
            }
        }
        payload.push('}');
        let mut policy = Policy::default();
        policy.clock_tolerance = tolerance;
        policy.max_token_age = age;
        if auth_age.is_some() {
            let mut sign_in = SignIn::default();
            sign_in.step_up.max_auth_age = auth_age;
            policy.sign_in = Some(Box::new(sign_in));
        }
        policy.required_claims = if requires_exp { vec![Cow::Borrowed("exp")] } else { vec![] };
        Case { payload, policy }
    })
}

/// Dates about now, whole or to the quarter of a second, which binary fractions hold exactly.
fn exact_date() -> impl Strategy<Value = f64> + Clone {
    (-4_000_i32..4_000).prop_map(|quarters| NOW + f64::from(quarters) / 4.0)
}

fn exact_duration() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![2 => (0_u32..2_000).prop_map(f64::from), 1 => (0_u32..8_000).prop_map(|n| f64::from(n) / 4.0)]
}

fn any_date() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![3 => NOW - 1e3..NOW + 1e3, 1 => -1e18..1e18, 1 => any::<f64>().prop_filter("JSON has none", |n| n.is_finite())]
}

fn any_duration() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![3 => 0.0..2e3, 1 => 0.0..1e18, 1 => Just(f64::MAX), 1 => Just(0.0)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_window_of_exact_dates_is_all_and_only_what_is_accepted(
        case in case(exact_date(), exact_duration()), offset in -3_000_i32..3_000, fraction in 0.0..1.0,
    ) {
        let now = NOW + f64::from(offset) + fraction;
        let window = case.window();
        prop_assert_eq!(window.is_some_and(|w| w.from <= now && now < w.until), case.accepts(now));
        if let Some(Window { from, until, .. }) = window {
            prop_assert!(from.fract() == 0.0 && until.fract() == 0.0);
            prop_assert!(case.accepts(from) && case.accepts(until - 0.001));
            prop_assert!(from < 0.0 || !case.accepts(from - 0.001));
            prop_assert!(until > 1e15 || !case.accepts(until));
        }
    }

    #[test]
    fn nothing_in_a_window_is_refused_whatever_the_dates(
        case in case(any_date(), any_duration()), at in 0.0..1.0,
    ) {
        if let Some(Window { from, until, .. }) = case.window() {
            for now in [from, until - 1.0, from + (until - 1.0 - from) * at, NOW.clamp(from, until - 1.0)] {
                prop_assert!(case.accepts(now), "{now} in {from}..{until}");
            }
        }
    }
}

#[test]
fn what_does_not_depend_on_time_leaves_no_window() {
    let claims = parse(br#"{"exp":1000,"aud":"me"}"#).unwrap();
    let mut policy = Policy::default();
    policy.audience = vec![String::from("you")];
    assert_eq!(Window::of(&policy, None, &claims), None);
    policy.audience = vec![String::from("me")];
    assert!(Window::of(&policy, None, &claims).is_some());
    policy.typ = Some(String::from("at+jwt"));
    assert_eq!(Window::of(&policy, Some("JWT"), &claims), None);
}
