//! The handle behind `createClient`: feeds the machine and performs what it asks for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::fetch;
use super::globals::{AbortController, member};
use super::host::Host;
use super::listeners::Listeners;
use super::options::{self, Made, Server};
use super::request::{self, Refresh};
use super::storage::Storage;
use super::timer::Timer;
use crate::core::error::Error;
use crate::core::json::Writer;
use crate::core::session::{Caller, Entropy, Event, Input, Machine, Output, Stamp, Token};
use crate::shell::error::{set, thrown};
use crate::shell::host::{promise, random};

/// A client's session; the facade gives it calls and gets promises.
#[wasm_bindgen]
pub struct Session {
    inner: Rc<Inner>,
}

pub(super) struct Inner {
    machine: RefCell<Machine>,
    pub(super) host: Host,
    server: Server,
    storage: RefCell<Storage>,
    storage_key: String,
    timer: RefCell<Timer>,
    wake: Function,
    listeners: RefCell<Option<Listeners>>,
    /// Whom to settle.
    callers: RefCell<Vec<Settle>>,
    called: Cell<u32>,
    /// Refreshes under way.
    flights: RefCell<Vec<(u32, AbortController)>>,
    tell: Function,
    performing: Cell<bool>,
}

struct Settle {
    caller: Caller,
    resolve: Function,
    reject: Function,
    /// Whether the token alone is wanted, or also what it belongs to.
    plain: bool,
}

#[wasm_bindgen]
impl Session {
    /// Reads the options of `createClient` and storage; `tell(name, detail)` hears of every change.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, tell: Function) -> Result<Self, JsValue> {
        let Made { settings, server, host, storage } = options::read(options)?;
        let lacks_storage = storage.is_none();
        let inner = Rc::new_cyclic(|weak: &std::rc::Weak<Inner>| {
            let woken = std::rc::Weak::clone(weak);
            let wake = Closure::<dyn Fn()>::new(move || {
                if let Some(inner) = woken.upgrade() {
                    inner.feed(Input::Wake);
                }
            });
            Inner {
                storage_key: settings.storage_key.clone(),
                machine: RefCell::new(Machine::new(settings)),
                host,
                server,
                storage: RefCell::new(storage.unwrap_or_else(Storage::memory)),
                timer: RefCell::default(),
                wake: wake.into_js_value().unchecked_into(),
                listeners: RefCell::new(Some(Listeners::new(weak))),
                callers: RefCell::default(),
                called: Cell::default(),
                flights: RefCell::default(),
                tell,
                performing: Cell::default(),
            }
        });
        if lacks_storage {
            inner.feed(Input::StorageFailed);
        }
        inner.feed(Input::Start);
        Ok(Self { inner })
    }

    /// Signs somebody in.
    #[wasm_bindgen(js_name = setTokens)]
    pub fn set_tokens(&self, response: &JsValue) -> Promise {
        let json = request::json(response).unwrap_or_default();
        match random() {
            Ok(entropy) => self.inner.call(true, |caller| Input::Tokens {
                caller,
                json,
                entropy: Entropy(entropy),
            }),
            Err(error) => Promise::reject(&thrown(&error)),
        }
    }

    /// An access token that lives, or null.
    #[wasm_bindgen(js_name = getAccessToken)]
    pub fn access_token(&self, options: &JsValue) -> Promise {
        let number = member(options, "minValidity").map(|value| value.as_f64());
        let force = member(options, "forceRefresh").is_some_and(|value| value.is_truthy());
        let min_validity = match number {
            None => 0.0,
            Some(Some(seconds)) if seconds >= 0.0 => seconds,
            Some(_) => {
                let error = Error::option("minValidity", "this must be a number of seconds");
                return Promise::reject(&thrown(&error));
            }
        };
        self.inner.call(true, |caller| Input::Ask { caller, min_validity, force })
    }

    /// The claims of the token at hand, as JSON.
    pub fn claims(&self) -> Option<String> {
        self.inner.machine.borrow().claims_json().map(String::from)
    }

    /// The snapshot as JSON, but for its error.
    pub fn snapshot(&self) -> String {
        let machine = self.inner.machine.borrow();
        let snapshot = machine.snapshot();
        let mut json = Writer::new();
        json.string("status", snapshot.status.as_str());
        if let Some(subject) = &snapshot.subject {
            json.string("subject", subject);
        }
        for (name, instant) in [
            ("expiresAt", snapshot.expires_at),
            ("refreshAt", snapshot.refresh_at),
            ("sessionEndsAt", snapshot.session_ends_at),
            ("generation", i64::try_from(snapshot.generation).ok()),
        ] {
            if let Some(instant) = instant {
                json.int(name, instant);
            }
        }
        if let Some(reason) = snapshot.end_reason {
            json.string("endReason", reason.as_str());
        }
        json.finish()
    }

    /// The snapshot's error.
    #[wasm_bindgen(js_name = lastError)]
    pub fn last_error(&self) -> JsValue {
        let machine = self.inner.machine.borrow();
        machine.snapshot().last_error.as_ref().map_or(JsValue::UNDEFINED, thrown)
    }

    /// `fetch` with the token, where it may travel.
    pub fn fetch(&self, input: JsValue, init: JsValue) -> Promise {
        let inner = Rc::clone(&self.inner);
        promise(async move { fetch::fetch(&inner, &input, &init).await })
    }

    /// Forgets the session here and, unless its scope is `local`, ends it at the server.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, scope: Option<String>) -> Promise {
        let revoke = match scope.as_deref() {
            None | Some("session") => true,
            Some("local") => false,
            Some(_) => {
                let error = Error::option("scope", "this must be \"session\" or \"local\"");
                return Promise::reject(&thrown(&error));
            }
        };
        self.inner.call(true, |caller| Input::SignOut { caller, revoke })
    }

    /// Whether tokens are renewed before anybody asks.
    #[wasm_bindgen(js_name = autoRefresh)]
    pub fn auto_refresh(&self, on: bool) {
        self.inner.feed(Input::AutoRefresh(on));
    }

    /// Stops everything; what is stored stays.
    pub fn dispose(&self) {
        self.inner.feed(Input::Dispose);
        self.inner.listeners.take();
    }
}

impl Inner {
    /// Tells the machine what happened and performs what it asks for.
    pub(super) fn feed(self: &Rc<Self>, input: Input) {
        self.take_in(input);
        if self.performing.replace(true) {
            // Called from within: whoever performs already goes on with the rest.
            return;
        }
        let delay = loop {
            let output = self.machine.borrow_mut().poll_output();
            match output {
                Output::Wait(delay) => break delay,
                output => self.perform(output),
            }
        };
        self.timer.borrow_mut().set(&self.host, &self.wake, delay);
        self.performing.set(false);
    }

    /// A promise that the machine settles.
    pub(super) fn call(
        self: &Rc<Self>,
        plain: bool,
        input: impl FnOnce(Caller) -> Input,
    ) -> Promise {
        let caller = Caller(self.called.get().wrapping_add(1));
        self.called.set(caller.0);
        let promise = Promise::new(&mut |resolve, reject| {
            self.callers.borrow_mut().push(Settle { caller, resolve, reject, plain });
        });
        self.feed(input(caller));
        promise
    }

    pub(super) fn may_see(&self, origin: &str) -> bool {
        self.machine.borrow().may_see(origin)
    }

    pub(super) fn storage_key(&self) -> &str {
        &self.storage_key
    }

    fn take_in(&self, input: Input) {
        // Asked first: a replaced clock is the application's code.
        let now = self.host.now();
        self.machine.borrow_mut().handle_input(input, now);
    }

    fn perform(self: &Rc<Self>, output: Output) {
        match output {
            Output::Read { read } => {
                let items = self.storage.borrow().read(&self.storage_key);
                self.take_in(match items {
                    Ok(items) => Input::Stored { read, items },
                    Err(_) => Input::StorageFailed,
                });
            }
            Output::Write { set, remove } => {
                let written = self.storage.borrow_mut().write(set, &remove);
                if written.is_err() {
                    self.take_in(Input::StorageFailed);
                }
            }
            Output::Detach => drop(self.storage.replace(Storage::memory())),
            Output::Send { flight, refresh_token, attempt } => {
                self.send(flight, refresh_token, attempt);
            }
            Output::Abort { flight } => {
                if let Some(controller) = self.landed(flight) {
                    controller.abort();
                }
            }
            Output::Revoke { token, caller } => {
                let inner = Rc::clone(self);
                spawn_local(async move {
                    let accepted = request::revoke(&inner.host, &inner.server, &token).await;
                    inner.feed(Input::Revoked { caller, accepted });
                });
            }
            Output::Grant { caller, token } => self.settle(caller, |settle| match token {
                None => Ok(JsValue::NULL),
                Some((token, _)) if settle.plain => Ok(token.expose().into()),
                Some((token, stamp)) => Ok(granted(&token, stamp)),
            }),
            Output::HandOn { caller } => self.settle(caller, |_| Ok(JsValue::NULL)),
            Output::Done { caller } => self.settle(caller, |_| Ok(JsValue::UNDEFINED)),
            Output::Refuse { caller, error } => self.settle(caller, |_| Err(thrown(&error))),
            Output::Changed => self.tell("", &JsValue::UNDEFINED),
            Output::Event(event) => self.tell(event.name(), &detail(&event)),
            _ => {}
        }
    }

    fn send(self: &Rc<Self>, flight: u32, token: Option<Token>, attempt: Option<String>) {
        let controller = AbortController::new();
        let refresh = Refresh { token, attempt, signal: controller.controlled() };
        self.flights.borrow_mut().push((flight, controller));
        let inner = Rc::clone(self);
        spawn_local(async move {
            let answer = refresh.send(&inner.host, &inner.server).await;
            inner.landed(flight);
            // Without randomness no generation could be made, and there would be no session.
            let entropy = Entropy(random().unwrap_or_default());
            inner.feed(Input::Answered { flight, answer, entropy });
        });
    }

    fn landed(&self, flight: u32) -> Option<AbortController> {
        let mut flights = self.flights.borrow_mut();
        let position = flights.iter().position(|(number, _)| *number == flight)?;
        Some(flights.swap_remove(position).1)
    }

    fn settle(&self, caller: Caller, with: impl FnOnce(&Settle) -> Result<JsValue, JsValue>) {
        let mut callers = self.callers.borrow_mut();
        let Some(position) = callers.iter().position(|settle| settle.caller == caller) else {
            return;
        };
        let settle = callers.swap_remove(position);
        drop(callers);
        // Settling a promise runs nothing of the application's and cannot fail.
        drop(match with(&settle) {
            Ok(value) => settle.resolve.call1(&JsValue::UNDEFINED, &value),
            Err(error) => settle.reject.call1(&JsValue::UNDEFINED, &error),
        });
    }

    /// The facade sees to listeners that throw.
    fn tell(&self, name: &str, detail: &JsValue) {
        drop(self.tell.call2(&JsValue::UNDEFINED, &name.into(), detail));
    }
}

/// A token and its stamp, as [`fetch`] takes them.
fn granted(token: &Token, stamp: Stamp) -> JsValue {
    #[allow(clippy::cast_precision_loss, reason = "nobody refreshes 2^53 times")]
    let generation = stamp.generation as f64;
    Array::of3(&token.expose().into(), &stamp.session.into(), &generation.into()).into()
}

fn detail(event: &Event) -> JsValue {
    let object = Object::new();
    match event {
        Event::RefreshDeferred { error } => set(&object, "error", &thrown(error)),
        Event::Warning { error } => return thrown(error),
        Event::Expiring { reason } | Event::Ended { reason } => {
            set(&object, "reason", &reason.as_str().into());
        }
        _ => return JsValue::UNDEFINED,
    }
    object.into()
}
