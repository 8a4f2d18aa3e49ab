//! The rules among a verifier's options.

use super::options::Options;
use crate::core::error::Error;
use crate::core::token::algorithm::Algorithm;
use crate::core::token::policy::Policy;

/// The options that [`read`] and [`Clock::of`](super::host::Clock::of) read.
pub(crate) const OPTIONS: &[&str] = &[
    "algorithms",
    "issuer",
    "audience",
    "subject",
    "typ",
    "requiredClaims",
    "clockTolerance",
    "maxTokenAge",
    "crit",
    "now",
];

/// The options that a single call may set.
pub(crate) const PER_CALL: &[&str] = &["audience", "subject", "typ", "requiredClaims"];

/// Reads the rules among the options; what is left out stays as in `base`.
pub(crate) fn read(options: &Options, base: Policy) -> Result<Policy, Error> {
    let mut policy = base;
    if let Some(names) = options.list("algorithms")? {
        let algorithm = |name: &String| {
            let unknown = || options.wrong("algorithms", "there is no algorithm of this name here");
            Algorithm::from_name(name).ok_or_else(unknown)
        };
        policy.algorithms = Some(names.iter().map(algorithm).collect::<Result<_, _>>()?);
    }
    if let Some(issuer) = options.strings("issuer")? {
        policy.issuer = issuer;
    }
    if let Some(audience) = options.strings("audience")? {
        policy.audience = audience;
    }
    if let Some(subject) = options.string("subject")? {
        policy.subject = Some(subject);
    }
    if let Some(typ) = options.string("typ")? {
        policy.typ = Some(typ);
    }
    if let Some(names) = options.list("requiredClaims")? {
        policy.required_claims = names.into_iter().map(Into::into).collect();
    }
    if let Some(seconds) = options.number("clockTolerance", 0.0, f64::MAX)? {
        policy.clock_tolerance = seconds;
    }
    if let Some(seconds) = options.number("maxTokenAge", 0.0, f64::MAX)? {
        policy.max_token_age = Some(seconds);
    }
    if let Some(names) = options.list("crit")? {
        policy.crit = names;
    }
    Ok(policy)
}
