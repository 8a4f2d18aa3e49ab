//! Where the core's decisions meet the store, the keys and the user's callbacks.

use std::rc::Rc;

use js_sys::{Function, JSON, Reflect};
use wasm_bindgen::JsValue;

use super::failure::Failure;
use super::settings::Settings;
use super::store::Rounds;
use super::verifier;
use super::wait::in_time;
use crate::core::account::answer::Answer;
use crate::core::account::claims;
use crate::core::account::cookie::Cookies;
use crate::core::account::record::Account;
use crate::core::account::renew;
use crate::core::account::session::{Access, Session};
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Writer};
use crate::core::token::{base64url, draft};
use crate::shell::host::{promise, random, settled};

/// An issuer at work.
#[derive(Clone)]
pub(super) struct Desk {
    settings: Rc<Settings>,
    header: Rc<str>,
    /// Keeps the runtime alive for what listeners do after the answer.
    wait_until: Option<Function>,
}

impl Desk {
    pub(super) fn new(settings: Settings) -> Self {
        let header = draft::header(settings.signing_key.jwk(), "at+jwt").into();
        Self { settings: Rc::new(settings), header, wait_until: None }
    }

    /// The same, for as long as one request takes.
    pub(super) fn during(&self, wait_until: Option<Function>) -> Self {
        Self { wait_until, ..self.clone() }
    }

    /// Of access tokens.
    pub(super) fn header(&self) -> &str {
        &self.header
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes the tokens of a session from nothing but what was committed.
    pub(super) async fn answer(
        &self,
        handle: &str,
        account: &Account,
        session: &Session,
        way: Way<'_>,
    ) -> Result<Tokens, Failure> {
        // Read again: what is left of a life is counted from now, however long the way here took.
        let now = self.settings.now()?;
        let answer = Answer { issuer: &self.settings.issuer, handle, account, session, now };
        let input = answer.signing_input(&self.header);
        let signature = self.settings.signing_key.sign(input.as_bytes()).await?;
        let access = draft::token(&input, &signature);
        let Session { id, generation, client, .. } = session;
        let secrets = &self.settings.secrets;
        let refresh = match &self.settings.stateless {
            Some(untold) => {
                if untold.replace(false) {
                    self.tell_at_large("stateless", now);
                }
                secrets.carry(&answer)?
            }
            None => secrets.mint(handle, id, *generation, client),
        };
        Ok(match way {
            Way::Body => Tokens {
                body: match self.settings.renewal {
                    Some(_) => {
                        let claims = answer.claims();
                        let claims = Object::parse(claims.as_bytes()).unwrap_or_default();
                        renew::response(&access, &claims, now)
                    }
                    None => answer.token_response(&access, Some(&refresh)),
                },
                stands: answer.stands(),
                access,
                cookies: Vec::new(),
            },
            Way::Cookies { cookies, period } => {
                let attempt = match period {
                    Some(period) => secrets.attempt(handle, id, *generation, period),
                    None => base64url::encode(&random::<18>()?),
                };
                Tokens {
                    body: answer.token_response(&access, None),
                    cookies: cookies.set(&answer, &refresh, &access, &attempt),
                    stands: answer.stands(),
                    access,
                }
            }
        })
    }

    /// The terms of a new access token; the callback `claims` is asked before anything is written.
    pub(super) async fn terms(
        &self,
        handle: &str,
        account: &Account,
        session: &Session,
        scope: Option<String>,
        now: i64,
    ) -> Result<Access, Failure> {
        let answer = Answer { issuer: &self.settings.issuer, handle, account, session, now };
        let claims = self.added_claims(&answer, scope.as_deref()).await?;
        claims::check(&claims, &session.grant.claims, "claims")?;
        Ok(Access {
            jti: base64url::encode(&random::<12>()?),
            iat: now,
            exp: now.saturating_add(self.settings.access_ttl),
            scope,
            permissions: account.permissions,
            claims,
        })
    }

    async fn added_claims(
        &self,
        answer: &Answer<'_>,
        scope: Option<&str>,
    ) -> Result<String, Failure> {
        let Some(callback) = &self.settings.claims else { return Ok(String::from("{}")) };
        let mut context = Writer::new();
        context.string("subject", &answer.account.subject);
        context.string("clientId", &answer.session.client);
        context.raw("session", &answer.session_info(false));
        if let Some(scope) = scope {
            context.string("scope", scope);
        }
        let context = JSON::parse(&context.finish())?;
        let unasked = |cause| Failure::Caused(CLAIMS_FAILED, cause);
        let answered = callback.call1(&JsValue::UNDEFINED, &context).map_err(unasked)?;
        let given = in_time(answered).await.map_err(unasked)?;
        if given.is_undefined() || given.is_null() {
            return Ok(String::from("{}"));
        }
        let text = given.is_object().then(|| JSON::stringify(&given).ok()).flatten();
        Ok(text.and_then(|text| text.as_string()).ok_or(NO_CLAIMS)?)
    }

    /// Changes the account of a handle, or of a subject, which is made where there is none yet:
    /// `change` says whether there is something to write. Gives the account where there was.
    pub(super) async fn change(
        &self,
        handle: &str,
        subject: Option<&str>,
        change: &mut dyn FnMut(&mut Account) -> bool,
    ) -> Result<Option<Account>, Failure> {
        let mut rounds = Rounds::default();
        loop {
            let (account, version) = self.settings.store.read(handle).await?.into_parts();
            let account = account.or_else(|| Some(Account::new(String::from(subject?))));
            let Some(mut account) = account else { return Ok(None) };
            if !change(&mut account) {
                return Ok(None);
            }
            if self.commit(handle, &version, &mut account, "").await? {
                return Ok(Some(account));
            }
            rounds.lost().await?;
        }
    }

    /// Writes an account over the version that was read, once it fits, whatever must go for it but
    /// the session `keep`; `false` where somebody else was faster. Without a store all is done.
    pub(super) async fn commit(
        &self,
        handle: &str,
        version: &JsValue,
        account: &mut Account,
        keep: &str,
    ) -> Result<bool, Failure> {
        let store = &self.settings.store;
        if !store.is_there() {
            return Ok(true);
        }
        let now = self.settings.now()?;
        let (text, evicted) = account.fit(keep, now);
        let written = store.set(handle, version, Some(&text), account.expires_at()).await;
        // Whatever came of it: a write may have come through though its answer did not.
        verifier::forget(handle);
        let written = written?;
        if written {
            self.tell_evicted(handle, account, &evicted, now);
        }
        Ok(written)
    }

    /// Tells `onEvent` of sessions that had to end for others.
    pub(super) fn tell_evicted(
        &self,
        handle: &str,
        account: &Account,
        sessions: &[String],
        now: i64,
    ) {
        for session in sessions {
            let event = Event { handle, session, client: None, generation: None };
            self.tell("evicted", &account.subject, &event, now);
        }
    }

    /// Tells `onEvent`; whatever it does is its own affair.
    pub(super) fn tell(&self, kind: &str, subject: &str, event: &Event<'_>, now: i64) {
        let mut json = Writer::new();
        json.string("type", kind).string("subject", subject);
        json.string("sessionId", &[event.handle, event.session].join("."));
        if let Some(client) = event.client {
            json.string("clientId", client);
        }
        if let Some(generation) = event.generation.and_then(|number| i64::try_from(number).ok()) {
            json.int("generation", generation);
        }
        if kind == "grace" {
            json.bool("foreign", true);
        }
        json.int("at", now);
        self.send(json);
    }

    /// Tells `onEvent` of what is about no session: of a peer that sends what is not ours, which may
    /// name any, or of the issuer itself.
    pub(super) fn tell_at_large(&self, kind: &str, now: i64) {
        let mut json = Writer::new();
        json.string("type", kind).int("at", now);
        self.send(json);
    }

    fn send(&self, event: Writer) {
        let Some(listener) = &self.settings.on_event else { return };
        let Ok(event) = JSON::parse(&event.finish()) else { return };
        let Ok(answer) = listener.call1(&JsValue::UNDEFINED, &event) else { return };
        let then = Reflect::get(&answer, &"then".into()).unwrap_or_default();
        if then.is_function() {
            // An async listener that fails must not become an unhandled rejection.
            let done = promise(async move {
                let _ = settled(answer).await;
                Ok(JsValue::UNDEFINED)
            });
            if let Some(wait_until) = &self.wait_until {
                let _ = wait_until.call1(&JsValue::UNDEFINED, &done);
            }
        }
    }
}

/// How the refresh token travels.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    Body,
    Cookies {
        cookies: &'a Cookies,
        /// When it is, for the attempt that all get who ask at about the same time.
        period: Option<i64>,
    },
}

/// An answer that gives tokens.
pub(super) struct Tokens {
    /// A TokenResponse as JSON.
    pub(super) body: String,
    pub(super) access: String,
    /// The access token was not revoked meanwhile; that of a repeat may still be over.
    pub(super) stands: bool,
    /// `Set-Cookie` values.
    pub(super) cookies: Vec<String>,
}

/// What an event is about.
pub(super) struct Event<'a> {
    pub(super) handle: &'a str,
    pub(super) session: &'a str,
    pub(super) client: Option<&'a str>,
    pub(super) generation: Option<u64>,
}

const CLAIMS_FAILED: Error = Error::new(
    Code::RefreshUnavailable,
    "the callback claims failed, so nothing was changed; its error is the cause",
);
const NO_CLAIMS: Error =
    Error::new(Code::RefreshUnavailable, "the callback claims must give a plain object");
