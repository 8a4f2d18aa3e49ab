//! The handle behind `createClient`: one method for each thing that can happen.
//!
//! Every method ends with what both clocks say, in milliseconds. What is to be done next waits to be
//! polled.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::output;
use crate::core::error::Error;
use crate::core::json::{Object, Value};
use crate::core::session::{
    Answer, Caller, Entropy, Input, Item, Machine, Now, Settings, Stamp, Token,
};

/// A client's session.
#[wasm_bindgen]
pub struct Session {
    machine: RefCell<Machine>,
    /// What a read of storage has found so far.
    found: RefCell<Vec<Item>>,
}

#[wasm_bindgen]
impl Session {
    /// A session with these settings, as JSON with the names of [`Settings`].
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str) -> Result<Self, JsValue> {
        let unreadable = || Error::option("storageKey", "this must be text that is well-formed");
        let settings = Object::parse(settings.as_bytes()).ok_or_else(unreadable)?;
        let machine = RefCell::new(Machine::new(read(&settings)));
        Ok(Self { machine, found: RefCell::default() })
    }

    /// What is to be done next, as JSON; see [`output::json`].
    pub fn poll(&self) -> String {
        output::json(&self.machine.borrow_mut().poll_output())
    }

    /// The claims of the token at hand, as JSON.
    pub fn claims(&self) -> Option<String> {
        self.machine.borrow().claims_json().map(String::from)
    }

    /// The session as it stands, as JSON.
    pub fn snapshot(&self) -> String {
        output::snapshot(self.machine.borrow().snapshot())
    }

    /// Whether an access token may travel to this origin.
    #[wasm_bindgen(js_name = maySee)]
    pub fn may_see(&self, origin: &str) -> bool {
        self.machine.borrow().may_see(origin)
    }

    /// Whether the token of this stamp is the one at hand and lives for so many seconds more, with nothing
    /// else due: then nobody need be asked for it.
    pub fn serves(
        &self,
        session: u32,
        generation: f64,
        seconds: f64,
        wall: f64,
        monotonic: f64,
    ) -> bool {
        let now = Now { wall, monotonic };
        self.machine.borrow_mut().serves(stamp(session, generation), seconds, now)
    }

    /// What needs no more words: `start`, `storageFailed`, `storageChanged`, `online`, `active`, `alone`, `auto`, `manual`,
    /// `dispose`; JSON is what another tab wrote under the storage key; anything else means that time has
    /// passed.
    pub fn happened(&self, what: &str, wall: f64, monotonic: f64) {
        let input = match what {
            "start" => Input::Start,
            "storageFailed" => Input::StorageFailed,
            "storageChanged" => Input::StorageChanged,
            "online" => Input::Online,
            "active" => Input::Active,
            "alone" => Input::Alone,
            "auto" => Input::AutoRefresh(true),
            "manual" => Input::AutoRefresh(false),
            "dispose" => Input::Dispose,
            pointer if pointer.starts_with('{') => Input::Said(pointer.into()),
            _ => Input::Wake,
        };
        self.take_in(input, wall, monotonic);
    }

    /// One item of storage; [`Self::stored`] says that it was the last.
    pub fn found(&self, key: String, value: String) {
        self.found.borrow_mut().push(Item { key, value });
    }

    /// Storage was read.
    pub fn stored(&self, read: u32, wall: f64, monotonic: f64) {
        let items = self.found.take();
        self.take_in(Input::Stored { read, items }, wall, monotonic);
    }

    /// The application signs somebody in.
    pub fn tokens(&self, caller: u32, json: String, entropy: &[u8], wall: f64, monotonic: f64) {
        let (caller, entropy) = (Caller(caller), random(entropy));
        self.take_in(Input::Tokens { caller, json, entropy }, wall, monotonic);
    }

    /// Somebody needs an access token that lives for so many seconds, or a new one in any case.
    pub fn ask(&self, caller: u32, min_validity: f64, force: bool, wall: f64, monotonic: f64) {
        self.take_in(Input::Ask { caller: Caller(caller), min_validity, force }, wall, monotonic);
    }

    /// A request with the token of this stamp was answered 401.
    pub fn unauthorized(
        &self,
        caller: u32,
        session: u32,
        generation: f64,
        challenge: Option<String>,
        wall: f64,
        monotonic: f64,
    ) {
        let (caller, used) = (Caller(caller), stamp(session, generation));
        self.take_in(Input::Unauthorized { caller, used, challenge }, wall, monotonic);
    }

    /// A request was sent again with the token of this stamp.
    pub fn replayed(
        &self,
        session: u32,
        generation: f64,
        accepted: bool,
        wall: f64,
        monotonic: f64,
    ) {
        let used = stamp(session, generation);
        self.take_in(Input::Replayed { used, accepted }, wall, monotonic);
    }

    /// The token endpoint answered a refresh; a status of 0 means that nobody did.
    #[allow(clippy::too_many_arguments, reason = "an answer has that many parts")]
    pub fn answered(
        &self,
        flight: u32,
        status: u16,
        body: String,
        retry_after: Option<f64>,
        entropy: &[u8],
        wall: f64,
        monotonic: f64,
    ) {
        let answer = match status {
            0 => Answer::Unreachable,
            _ => Answer::Http { status, retry_after, body },
        };
        self.landed(flight, answer, entropy, wall, monotonic);
    }

    /// The application's own refresh gave a token response, as JSON.
    pub fn renewed(&self, flight: u32, json: String, entropy: &[u8], wall: f64, monotonic: f64) {
        self.landed(flight, Answer::Tokens(json), entropy, wall, monotonic);
    }

    /// The application's own refresh was refused, with the error of RFC 6749 or the code of a `TokenError`.
    #[allow(clippy::too_many_arguments, reason = "a refusal has that many parts")]
    pub fn refused(
        &self,
        flight: u32,
        error: Option<String>,
        code: Option<String>,
        retry_after: Option<f64>,
        entropy: &[u8],
        wall: f64,
        monotonic: f64,
    ) {
        let answer = Answer::Refused { error, code, retry_after };
        self.landed(flight, answer, entropy, wall, monotonic);
    }

    /// A cookie says that somebody is signed in.
    pub fn jar(&self, generation: f64, entropy: &[u8], wall: f64, monotonic: f64) {
        let (Stamp { generation, .. }, entropy) = (stamp(0, generation), random(entropy));
        self.take_in(Input::Jar { generation, entropy }, wall, monotonic);
    }

    /// The answer to a request with the token of this stamp brought another one along.
    #[allow(clippy::too_many_arguments, reason = "it has that many parts")]
    pub fn passed(
        &self,
        session: u32,
        generation: f64,
        token: String,
        entropy: &[u8],
        wall: f64,
        monotonic: f64,
    ) {
        let (used, token) = (stamp(session, generation), Token::new(token));
        let entropy = random(entropy);
        self.take_in(Input::Passed { used, token, entropy }, wall, monotonic);
    }

    /// The application signs out.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, caller: u32, revoke: bool, wall: f64, monotonic: f64) {
        self.take_in(Input::SignOut { caller: Caller(caller), revoke }, wall, monotonic);
    }

    /// A revocation was answered.
    pub fn revoked(&self, caller: Option<u32>, accepted: bool, wall: f64, monotonic: f64) {
        self.take_in(Input::Revoked { caller: caller.map(Caller), accepted }, wall, monotonic);
    }
}

impl Session {
    fn landed(&self, flight: u32, answer: Answer, entropy: &[u8], wall: f64, monotonic: f64) {
        let entropy = random(entropy);
        self.take_in(Input::Answered { flight, answer, entropy }, wall, monotonic);
    }

    fn take_in(&self, input: Input, wall: f64, monotonic: f64) {
        self.machine.borrow_mut().handle_input(input, Now { wall, monotonic });
    }
}

fn read(object: &Object<'_>) -> Settings {
    let number = |name| match object.get(name) {
        Some(Value::Number(number)) => number.as_f64(),
        _ => 0.0,
    };
    let flag = |name| matches!(object.get(name), Some(Value::Bool(true)));
    let origins = object.get("origins").and_then(Value::as_array).unwrap_or_default();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let seed = (number("seed") * 4_294_967_295.0) as u32;
    Settings {
        storage_key: object.string("storageKey").unwrap_or_default().into(),
        refresh_before_expiry: number("refreshBeforeExpiry"),
        request_timeout: number("requestTimeout"),
        idle_timeout: Some(number("idleTimeout")).filter(|seconds| *seconds > 0.0),
        lock_wait: number("lockWait"),
        auto_refresh: flag("autoRefresh"),
        can_refresh: flag("canRefresh"),
        own_refresh: flag("ownRefresh"),
        lazy_start: flag("lazyStart"),
        cookie: flag("cookie"),
        can_revoke: flag("canRevoke"),
        origins: origins.iter().filter_map(Value::as_str).map(String::from).collect(),
        seed,
    }
}

fn stamp(session: u32, generation: f64) -> Stamp {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was an integer")]
    Stamp { session, generation: generation as u64 }
}

/// Bytes that are too few would be the shell's fault, and no session could be made of them.
fn random(bytes: &[u8]) -> Entropy {
    Entropy(bytes.try_into().unwrap_or_default())
}
