//! Verifying the issuer's own access tokens, and asking the account whether they still stand.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::desk::Desk;
use super::failure::Failure;
use super::settings::Settings;
use crate::core::account::access::{AccessToken, MAX_TOLERANCE};
use crate::core::account::recent::Recent;
use crate::core::token::jwks::KeySet;
use crate::core::token::policy::Policy;
use crate::core::token::verifier::{VerifiedClaims, Verifier as Rules};
use crate::engine::VerifyingKey;
use crate::shell::cache;
use crate::shell::host::Clock;
use crate::shell::options::Options;
use crate::shell::policy;
use crate::shell::verifier::{Afterwards, Verifier};

/// Reads the options of `issuer.verifier()`.
pub(super) fn open(desk: &Rc<Desk>, options: &JsValue) -> Result<Verifier, JsValue> {
    let known = [policy::OPTIONS, &["revocation", "staleness", "failOpen"]].concat();
    let options = Options::new(options, &known)?;
    let settings = desk.settings();
    let mut rules = own_rules(settings);
    rules.policy = policy::read(&options, rules.policy)?;
    let clock = match options.value("now") {
        Some(_) => Clock::of(&options)?,
        None => settings.clock.clone(),
    };
    let fail_open = options.flag("failOpen")?.unwrap_or(false);
    #[allow(clippy::cast_possible_truncation, reason = "0 to 60")]
    let staleness = options.number("staleness", 0.0, 60.0)?.unwrap_or(5.0) as i64;
    let revocation = match options.string("revocation")?.as_deref() {
        None | Some("none") => None,
        Some("deny-list") => Some(Revocation::DenyList { staleness }),
        Some("session") => Some(Revocation::Session),
        Some(_) => {
            let message = "this must be \"none\", \"deny-list\" or \"session\"";
            return Err(options.wrong("revocation", message).into());
        }
    };
    if revocation.is_some() && !settings.store.is_there() {
        let message = "an issuer without a store knows of no revocation";
        return Err(options.wrong("revocation", message).into());
    }
    if revocation.is_some() && rules.policy.clock_tolerance > MAX_TOLERANCE {
        let message = "with revocation this is 60 at most: revoked tokens are forgotten after that";
        return Err(options.wrong("clockTolerance", message).into());
    }
    let afterwards = revocation.map(|revocation| asking(desk, revocation, fail_open));
    Ok(Verifier::with(rules, clock, cache::capacity(&options)?, afterwards))
}

/// What every access token of this issuer is.
fn own_rules(settings: &Settings) -> Rules {
    let mut policy = Policy::default();
    policy.issuer.push(settings.issuer.clone());
    policy.audience.clone_from(&settings.audience);
    policy.typ.replace(String::from("at+jwt"));
    Rules::new(KeySet::from(settings.keys.clone()), policy)
}

/// What the issuer itself verifies its access tokens with.
pub(super) struct Own {
    rules: Rules,
    keys: Vec<VerifyingKey>,
    /// The same policy for tokens of every audience.
    any: Policy,
    /// The same once more, for tokens that are over.
    late: Policy,
}

impl Own {
    fn new(settings: &Settings) -> Self {
        let rules = own_rules(settings);
        let keys = rules.keys.keys().iter().map(VerifyingKey::new).collect();
        let mut any = rules.policy.clone();
        any.audience.clear();
        let mut late = any.clone();
        late.clock_tolerance = f64::MAX;
        Self { rules, keys, any, late }
    }
}

/// How much is asked about a token whose signature and claims are good.
#[derive(Clone, Copy)]
enum Revocation {
    /// Whether anything denies it, as far as was known a few seconds ago.
    DenyList { staleness: i64 },
    /// Whether its session lives, at this moment: one store read for each token.
    Session,
}

/// Sessions end, permissions change, single tokens are revoked: all of that is in the account.
fn asking(desk: &Rc<Desk>, revocation: Revocation, fail_open: bool) -> Afterwards {
    let desk = Rc::clone(desk);
    Box::new(move |claims| {
        let desk = Rc::clone(&desk);
        let token = AccessToken::read(&claims.claims());
        Box::pin(async move {
            match ask(&desk, token?, revocation).await {
                Err(failure) if fail_open && is_outage(&failure) => Ok(()),
                answer => answer.map_err(JsValue::from),
            }
        })
    })
}

fn is_outage(failure: &Failure) -> bool {
    failure.error().is_some_and(|error| error.code.retryable())
}

async fn ask(desk: &Desk, token: AccessToken, revocation: Revocation) -> Result<(), Failure> {
    let now = desk.settings().now()?;
    let name = token.name();
    if let Revocation::DenyList { staleness } = revocation
        && RECENT.with_borrow(|recent| recent.stands(&name, now, staleness))
    {
        return Ok(());
    }
    let changes = RECENT.with_borrow(Recent::changes);
    let (account, _) = desk.settings().store.read(&token.handle).await?.into_parts();
    if let Revocation::Session = revocation {
        return Ok(token.check_session(account.as_ref(), now)?);
    }
    token.check_denied(account.as_ref())?;
    RECENT.with_borrow_mut(|recent| recent.found(name, now, changes));
    Ok(())
}

thread_local! {
    /// Of the isolate and not of an issuer: those are made anew for each request.
    static RECENT: RefCell<Recent> = const { RefCell::new(Recent::new()) };
}

/// An account changes here: whoever relies on what it was asks again.
pub(super) fn forget(handle: &str) {
    RECENT.with_borrow_mut(|recent| recent.forget(handle));
}

/// An access token of ours that was verified.
pub(super) struct Verified {
    pub(super) claims: VerifiedClaims,
    pub(super) token: AccessToken,
}

/// For whom an access token may be.
#[derive(Clone, Copy)]
pub(super) enum Audience {
    Own,
    Any,
    /// Any, and however long the token has been over.
    Late,
}

/// Verifies an access token; `None` where it is none of ours, or over.
pub(super) async fn verified(
    settings: &Settings,
    token: &str,
    audience: Audience,
) -> Result<Option<Verified>, JsValue> {
    let Own { rules, keys, any, late } = settings.own.get_or_init(|| Own::new(settings));
    let Ok(pending) = rules.begin(token) else { return Ok(None) };
    let Some(key) = keys.get(pending.key()) else { return Ok(None) };
    let valid =
        key.verify(pending.algorithm(), pending.signing_input(), pending.signature()).await?;
    let policy = match audience {
        Audience::Own => &rules.policy,
        Audience::Any => any,
        Audience::Late => late,
    };
    let Ok(claims) = pending.finish(valid, policy, settings.clock.seconds()?) else {
        return Ok(None);
    };
    Ok(AccessToken::read(&claims.claims()).ok().map(|token| Verified { token, claims }))
}
