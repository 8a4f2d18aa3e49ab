//! The rules among a verifier's options.

use super::options::Options;
use crate::core::error::Error;
use crate::core::token::algorithm::Algorithm;
use crate::core::token::at_hash::AtHash;
use crate::core::token::challenge::is_word;
use crate::core::token::policy::Policy;
use crate::core::token::profile::Profile;
use crate::core::token::sign_in::SignIn;

/// The options that [`read`], [`Clock::of`](super::host::Clock::of) and
/// [`capacity`](super::cache::capacity) read.
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
    "profile",
    "nonce",
    "authorizedParty",
    "accessToken",
    "maxAuthAge",
    "acrValues",
    "cache",
    "now",
];

/// The options that a single call may set.
pub(crate) const PER_CALL: &[&str] = &[
    "audience",
    "subject",
    "typ",
    "requiredClaims",
    "nonce",
    "accessToken",
    "maxAuthAge",
    "acrValues",
];

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
    if let Some(name) = options.string("profile")? {
        let profile = Profile::from_name(&name);
        let unknown = || options.wrong("profile", "this must be \"at+jwt\" or \"id_token\"");
        policy.profile = Some(profile.ok_or_else(unknown)?);
    }
    sign_in(options, &mut policy.sign_in)?;
    if let Some(profile) = policy.profile {
        profile.check_policy(&policy)?;
    }
    Ok(policy)
}

fn sign_in(options: &Options, asked: &mut Option<Box<SignIn>>) -> Result<(), Error> {
    if let Some(nonce) = options.string("nonce")? {
        asked.get_or_insert_default().nonce = Some(nonce);
    }
    if let Some(party) = options.string("authorizedParty")? {
        asked.get_or_insert_default().authorized_party = Some(party);
    }
    if let Some(token) = options.string("accessToken")? {
        asked.get_or_insert_default().at_hash = Some(AtHash::of(token));
    }
    if let Some(seconds) = options.number("maxAuthAge", 0.0, f64::from(u32::MAX))? {
        // Whole seconds, as a challenge can ask for.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds")]
        let seconds = seconds as u32;
        asked.get_or_insert_default().step_up.max_auth_age = Some(seconds);
    }
    if let Some(values) = options.strings("acrValues")? {
        if !values.iter().all(|value| is_word(value)) {
            let message = "each value must be one word of visible ASCII, without quotes";
            return Err(options.wrong("acrValues", message));
        }
        asked.get_or_insert_default().step_up.acr_values = values;
    }
    Ok(())
}
