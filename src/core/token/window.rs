//! For how long an accepted token stays accepted ([RFC 7519, section 4.1]): what lets a verifier keep
//! its answer without keeping its rules.
//!
//! [RFC 7519, section 4.1]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1

use super::claims::numeric_date;
use super::policy::Policy;
use crate::core::json::Object;

/// The whole seconds in which a policy accepts a token: at `from` and after, before `until`.
///
/// ```
/// use evertoken::core::token::{claims, policy::Policy, window::Window};
///
/// let claims = claims::parse(br#"{"exp":1000,"nbf":900}"#)?;
/// let window = Window::of(&Policy::default(), None, &claims).unwrap();
/// assert_eq!((window.from, window.until), (895.0, 1005.0));
/// # Ok::<(), evertoken::core::error::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Window {
    /// The first second, in Unix time.
    pub from: f64,
    /// The first second after it, in Unix time.
    pub until: f64,
}

/// Where no claim sets an end: below, every whole second is a number of its own.
const EVER: f64 = 4_503_599_627_370_496.0;

impl Window {
    /// When `policy` accepts a token of this type with these claims; `None` where it never does, or
    /// where its edges are not whole seconds that can be told apart.
    ///
    /// All that depends on time are lower and upper bounds of it, so what is accepted at both edges
    /// is accepted in between. The edges are put to the policy itself: a rule that is unknown here
    /// makes the answer `None`, never wrong.
    #[must_use]
    pub fn of(policy: &Policy, typ: Option<&str>, claims: &Object<'_>) -> Option<Self> {
        let date = |name| numeric_date(claims, name).ok().flatten();
        let tolerance = policy.clock_tolerance;
        let mut window = Self { from: -EVER, until: EVER };
        if let Some(nbf) = date("nbf") {
            window.begins_at(nbf - tolerance);
        }
        if let Some(exp) = date("exp") {
            window.ends_at(exp + tolerance);
        }
        if let (Some(age), Some(iat)) = (policy.max_token_age, date("iat")) {
            window.begins_at(iat - tolerance);
            window.ends_after(iat + age + tolerance);
        }
        let age = policy.sign_in.as_ref().and_then(|sign_in| sign_in.step_up.max_auth_age);
        if let (Some(age), Some(at)) = (age, date("auth_time")) {
            window.begins_at(at - tolerance);
            window.ends_after(at + f64::from(age) + tolerance);
        }
        let accepts = |now| policy.check(typ, claims, now).is_ok();
        let is_sound =
            window.from < window.until && accepts(window.from) && accepts(window.until - 1.0);
        is_sound.then_some(window)
    }

    fn begins_at(&mut self, least: f64) {
        self.from = self.from.max(least.ceil());
    }

    fn ends_at(&mut self, end: f64) {
        self.until = self.until.min(end.ceil());
    }

    fn ends_after(&mut self, most: f64) {
        self.until = self.until.min(most.floor() + 1.0);
    }
}
