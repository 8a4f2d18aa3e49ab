//! Verifying the issuer's own access tokens, and asking the account whether they still stand.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::desk::Desk;
use super::failure::Failure;
use super::settings::Settings;
use crate::core::account::claims::PERMISSIONS;
use crate::core::account::codec;
use crate::core::error::{Code, Error};
use crate::core::token::jwks::KeySet;
use crate::core::token::policy::Policy;
use crate::core::token::verifier::{VerifiedClaims, Verifier as Rules};
use crate::engine::VerifyingKey;
use crate::shell::host::Clock;
use crate::shell::options::Options;
use crate::shell::policy;
use crate::shell::verifier::{Afterwards, Verifier};

/// Reads the options of `issuer.verifier()`.
pub(super) fn open(desk: &Rc<Desk>, options: &JsValue) -> Result<Verifier, JsValue> {
    let known = [policy::OPTIONS, &["revocation", "failOpen"]].concat();
    let options = Options::new(options, &known)?;
    let settings = desk.settings();
    let mut rules = own_rules(settings);
    rules.policy = policy::read(&options, rules.policy)?;
    let clock = match options.value("now") {
        Some(_) => Clock::of(&options)?,
        None => settings.clock.clone(),
    };
    let fail_open = options.flag("failOpen")?.unwrap_or(false);
    let afterwards = match options.string("revocation")?.as_deref() {
        None | Some("none") => None,
        Some("session") => Some(asking(desk, fail_open)),
        Some(_) => {
            let message = "this must be \"none\" or \"session\"";
            return Err(options.wrong("revocation", message).into());
        }
    };
    Ok(Verifier::with(rules, clock, afterwards))
}

/// What every access token of this issuer is.
fn own_rules(settings: &Settings) -> Rules {
    let mut policy = Policy::default();
    policy.issuer.push(settings.issuer.clone());
    policy.audience.clone_from(&settings.audience);
    policy.typ.replace(String::from("at+jwt"));
    Rules::new(KeySet::from(settings.keys.clone()), policy)
}

/// One store read for each token: sessions end, permissions change, single tokens are revoked.
fn asking(desk: &Rc<Desk>, fail_open: bool) -> Afterwards {
    let desk = Rc::clone(desk);
    Box::new(move |claims| {
        let desk = Rc::clone(&desk);
        let question = Question::about(claims);
        Box::pin(async move {
            match question.ask(&desk).await {
                Err(failure) if fail_open && is_outage(&failure) => Ok(()),
                answer => answer.map_err(JsValue::from),
            }
        })
    })
}

fn is_outage(failure: &Failure) -> bool {
    failure.error().is_some_and(|error| error.code.retryable())
}

struct Question {
    sid: Option<String>,
    jti: Option<String>,
    permissions: u64,
}

impl Question {
    fn about(claims: &VerifiedClaims) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let permissions = claims.number(PERMISSIONS).unwrap_or(0.0) as u64;
        Self { sid: claims.string("sid"), jti: claims.string("jti"), permissions }
    }

    async fn ask(self, desk: &Desk) -> Result<(), Failure> {
        let sid = self.sid.as_deref().and_then(codec::split_sid);
        let ((handle, session), jti) = sid.zip(self.jti.as_deref()).ok_or(UNKNOWN)?;
        let (account, _) = desk.settings().store.read(handle).await?.into_parts();
        let account = account.ok_or(UNKNOWN)?;
        Ok(account.check_access(session, jti, self.permissions)?)
    }
}

const UNKNOWN: Error =
    Error::new(Code::TokenRevoked, "the token belongs to no session that is known here");

/// The claims of an access token of ours; `None` where it is none, or over.
pub(super) async fn verified(
    settings: &Settings,
    token: &str,
) -> Result<Option<VerifiedClaims>, JsValue> {
    let mut rules = own_rules(settings);
    // Tokens for every audience can be revoked.
    rules.policy.audience.clear();
    let Ok(pending) = rules.begin(token) else { return Ok(None) };
    let Some(key) = rules.keys.keys().get(pending.key()) else { return Ok(None) };
    let key = VerifyingKey::new(key);
    let valid =
        key.verify(pending.algorithm(), pending.signing_input(), pending.signature()).await?;
    Ok(pending.finish(valid, &rules.policy, settings.clock.seconds()?).ok())
}
