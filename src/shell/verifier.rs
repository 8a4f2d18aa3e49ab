//! The handle behind `createVerifier` and `issuer.verifier()`.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::cache;
use super::host::{Clock, promise};
use super::keys::keys;
use super::options::Options;
use super::policy;
use super::remote::{self, Remote};
use crate::core::error::{Code, Error};
use crate::core::json::integer;
use crate::core::token::compact::Head;
use crate::core::token::jwks::KeySet;
use crate::core::token::policy::Policy;
use crate::core::token::verifier::{NeedSignature, VerifiedClaims, Verifier as Rules};
use crate::core::token::window::Window;
use crate::engine::{Answer, VerifyingKey, hashed, hashed_now};

/// What is asked after signature and claims: it takes what it needs from the claims at once, and
/// its promise decides.
pub(crate) type Afterwards =
    Box<dyn Fn(&VerifiedClaims) -> Pin<Box<dyn Future<Output = Result<(), JsValue>>>>>;

/// A verifier; the facade gives it tokens and gets JSON.
#[wasm_bindgen]
pub struct Verifier {
    pub(super) inner: Rc<Inner>,
}

pub(super) struct Inner {
    held: RefCell<Rc<Held>>,
    pub(super) clock: Clock,
    /// Tokens that the facade keeps.
    pub(super) capacity: f64,
    pub(super) afterwards: Option<Afterwards>,
    remote: Option<Remote>,
}

/// The rules with their keys, which are replaced as a whole.
pub(super) struct Held {
    pub(super) rules: Rules,
    keys: Vec<VerifyingKey>,
    /// The head of the last token: the next one's is mostly the same.
    last: RefCell<Option<Arc<Head>>>,
    /// How many there were before.
    pub(super) generation: u32,
}

impl Held {
    fn new(rules: Rules, generation: u32) -> Rc<Self> {
        let keys = rules.keys.keys().iter().map(VerifyingKey::new).collect();
        Rc::new(Self { rules, keys, last: RefCell::default(), generation })
    }

    fn begin<'t>(&self, token: &'t str) -> Result<NeedSignature<'t>, Error> {
        let pending = self.rules.begin_after(token, self.last.borrow().as_ref())?;
        if !self.last.borrow().as_ref().is_some_and(|last| Arc::ptr_eq(last, pending.head())) {
            self.last.replace(Some(Arc::clone(pending.head())));
        }
        Ok(pending)
    }

    fn key(&self, pending: &NeedSignature<'_>) -> Result<&VerifyingKey, Error> {
        self.keys.get(pending.key()).ok_or(NO_KEY)
    }

    pub(super) fn policy_of(&self, per_call: &JsValue) -> Result<Option<Policy>, Error> {
        if per_call.is_undefined() {
            return Ok(None);
        }
        let options = Options::new(per_call, policy::PER_CALL)?;
        policy::read(&options, self.rules.policy.clone()).map(Some)
    }
}

impl Verifier {
    /// A verifier with these rules and, behind them, one more question.
    #[cfg(feature = "issuer")]
    pub(crate) fn with(
        rules: Rules,
        clock: Clock,
        capacity: f64,
        afterwards: Option<Afterwards>,
    ) -> Self {
        Self { inner: Rc::new(Inner { afterwards, ..Inner::new(rules, clock, capacity) }) }
    }

    /// Where the keys are fetched from, if they are.
    pub(super) fn remote(&self) -> Option<&Remote> {
        self.inner.remote.as_ref()
    }

    /// The rules and keys of this moment.
    pub(super) fn held(&self) -> Rc<Held> {
        self.inner.held()
    }

    /// Unix seconds.
    pub(super) fn now(&self) -> Result<f64, JsValue> {
        self.inner.clock.seconds()
    }

    /// Verifies with these keys from now on; what has begun goes on with the old ones.
    pub(super) fn replace(&self, keys: KeySet) {
        let old = self.held();
        let rules = Rules::new(keys, old.rules.policy.clone());
        self.inner.held.replace(Held::new(rules, old.generation.wrapping_add(1)));
    }
}

#[wasm_bindgen]
impl Verifier {
    /// Reads the options of `createVerifier`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        let options = Options::new(options, &[policy::OPTIONS, &["keys"]].concat())?;
        let policy = policy::read(&options, Policy::default())?;
        let clock = Clock::of(&options)?;
        let remote = remote::read(&options)?;
        let keys = match &remote {
            Some(_) => KeySet::from(Vec::new()),
            None => keys(&options)?,
        };
        let capacity = cache::capacity(&options)?;
        let inner = Inner { remote, ..Inner::new(Rules::new(keys, policy), clock, capacity) };
        Ok(Self { inner: Rc::new(inner) })
    }

    /// What [`accepted`] makes of it. Or a [`Begun`], where the host's promise has to
    /// be awaited; or a promise of either, where the host has to take the key in first or the store is
    /// asked.
    pub fn verify(&self, token: &str, per_call: &JsValue) -> Result<JsValue, JsValue> {
        let held = self.held();
        let policy = held.policy_of(per_call)?;
        Begun::new(&self.inner, held, token, Wanted::Claims(policy))
    }

    /// What [`Verifier::verify`] comes to, at once.
    #[wasm_bindgen(js_name = verifySync)]
    pub fn verify_sync(&self, token: &str, per_call: &JsValue) -> Result<String, JsValue> {
        let inner = &self.inner;
        if inner.afterwards.is_some() {
            return Err(NEEDS_STORE.into());
        }
        let held = self.held();
        let policy = held.policy_of(per_call)?;
        self.require_keys(None)?;
        let pending = match held.begin(token) {
            Err(error) => {
                self.require_keys(Some(token))?;
                return Err(error.into());
            }
            Ok(pending) => pending,
        };
        let key = held.key(&pending)?;
        let valid =
            key.verify_now(pending.algorithm(), pending.signing_input(), pending.signature())?;
        let (verified, window) = inner.finish(&held, policy.as_ref(), pending, valid)?;
        Ok(accepted(&verified, window))
    }

    /// As `verify`, with `[header as JSON, payload as bytes]` at the end, whatever the payload is.
    #[wasm_bindgen(js_name = verifySignature)]
    pub fn verify_signature(&self, jws: &str) -> Result<JsValue, JsValue> {
        Begun::new(&self.inner, self.held(), jws, Wanted::Payload)
    }
}

const NEEDS_STORE: Error = Error::new(
    Code::SyncUnavailable,
    "this verifier asks its store, which takes a promise; await verify()",
);
const NO_KEY: Error = Error::new(Code::JwksNoMatchingKey, "the key is not among the verifier's");

impl Inner {
    fn new(rules: Rules, clock: Clock, capacity: f64) -> Self {
        let held = RefCell::new(Held::new(rules, 0));
        Self { held, clock, capacity, afterwards: None, remote: None }
    }

    /// As `verify`, for a token whose signature was found good with the keys at hand.
    #[cfg(feature = "issuer")]
    pub(super) async fn known(&self, token: &str, policy: Option<Policy>) -> Result<(), JsValue> {
        let held = self.held();
        let pending = held.begin(token)?;
        let policy = policy.as_ref().unwrap_or(&held.rules.policy);
        let hashed = hashed(policy, pending.algorithm()).await?;
        let policy = hashed.as_ref().unwrap_or(policy);
        let verified = pending.finish(true, policy, self.clock.seconds()?)?;
        match &self.afterwards {
            None => Ok(()),
            Some(afterwards) => afterwards(&verified).await,
        }
    }

    fn finish(
        &self,
        held: &Held,
        policy: Option<&Policy>,
        pending: NeedSignature<'_>,
        valid: bool,
    ) -> Result<(VerifiedClaims, Option<Window>), JsValue> {
        let policy = policy.unwrap_or(&held.rules.policy);
        let hashed = hashed_now(policy, pending.algorithm());
        let policy = hashed.as_ref().unwrap_or(policy);
        let now = self.clock.seconds()?;
        if self.capacity > 0.0 {
            return Ok(pending.finish_lasting(valid, policy, now)?);
        }
        Ok((pending.finish(valid, policy, now)?, None))
    }

    pub(super) fn held(&self) -> Rc<Held> {
        Rc::clone(&self.held.borrow())
    }
}

/// What is to come of a token.
#[allow(clippy::large_enum_variant, reason = "one is made for a token, and moved twice")]
enum Wanted {
    Claims(Option<Policy>),
    Payload,
}

/// A verification that waits for the host. The facade awaits its promise: a promise of Rust's around
/// the host's would cost as much as all the rest.
#[wasm_bindgen]
pub struct Begun {
    inner: Rc<Inner>,
    held: Rc<Held>,
    wanted: Wanted,
    pending: NeedSignature<'static>,
    answer: JsValue,
}

impl Begun {
    #[allow(clippy::new_ret_no_self, reason = "what the engine has at once is finished at once")]
    fn new(
        inner: &Rc<Inner>,
        held: Rc<Held>,
        token: &str,
        wanted: Wanted,
    ) -> Result<JsValue, JsValue> {
        let pending = held.begin(token)?;
        let algorithm = pending.algorithm();
        let asked =
            held.key(&pending)?.ask(algorithm, pending.signing_input(), pending.signature())?;
        let inner = Rc::clone(inner);
        let Some(answer) = asked else {
            let token = String::from(token);
            let importing = async move {
                held.key(&held.begin(&token)?)?.import(algorithm).await?;
                Self::new(&inner, held, &token, wanted)
            };
            return Ok(promise(importing).into());
        };
        let pending = pending.detached();
        match answer {
            Answer::Now(valid) => {
                Self { inner, held, wanted, pending, answer: JsValue::UNDEFINED }.finish(valid)
            }
            Answer::Later(answer) => {
                Ok(Self { inner, held, wanted, pending, answer: answer.into() }.into())
            }
        }
    }
}

#[wasm_bindgen]
impl Begun {
    /// The host's promise of whether the signature is the key's.
    #[wasm_bindgen(getter)]
    pub fn answer(&self) -> JsValue {
        self.answer.clone()
    }

    /// What the host's promise was rejected with, as an error of ours.
    pub fn failed(self, cause: &JsValue) -> JsValue {
        crate::engine::failed(cause)
    }

    /// Takes the host's answer, and gives what was wanted or a promise of it.
    pub fn finish(self, valid: bool) -> Result<JsValue, JsValue> {
        let Self { inner, held, wanted, pending, .. } = self;
        let policy = match wanted {
            Wanted::Claims(policy) => policy,
            Wanted::Payload => {
                let signed = pending.finish_signature(valid)?;
                let payload = Uint8Array::from(&*signed.payload);
                return Ok(Array::of2(&signed.head.json().into(), &payload).into());
            }
        };
        #[cfg(not(feature = "rust-crypto"))]
        if policy.as_ref().unwrap_or(&held.rules.policy).to_hash(pending.algorithm()).is_some() {
            return Ok(promise(async move {
                let policy = policy.as_ref().unwrap_or(&held.rules.policy);
                let policy = hashed(policy, pending.algorithm()).await?;
                let (verified, window) = inner.finish(&held, policy.as_ref(), pending, valid)?;
                Ok(accepted(&verified, window).into())
            })
            .into());
        }
        let (verified, window) = inner.finish(&held, policy.as_ref(), pending, valid)?;
        let json = accepted(&verified, window);
        let Some(afterwards) = &inner.afterwards else { return Ok(json.into()) };
        let asking = afterwards(&verified);
        Ok(promise(async move { asking.await.map(|()| json.into()) }).into())
    }
}

/// The header, the claims and, if that can be said, from when and until when the answer holds in Unix
/// seconds: three JSON texts with a NUL between them, which JSON does not hold. Most headers are the
/// same as the last, and are not parsed again.
fn accepted(verified: &VerifiedClaims, window: Option<Window>) -> String {
    let mut texts = [verified.header_json(), "\0", verified.claims_json()].concat();
    if let Some(Window { from, until, .. }) = window {
        texts.push_str("\0[");
        #[allow(clippy::cast_possible_truncation, reason = "whole, and of 52 bits at most")]
        let (from, until) = (from as i64, until as i64);
        integer(&mut texts, from);
        texts.push(',');
        integer(&mut texts, until);
        texts.push(']');
    }
    texts
}
