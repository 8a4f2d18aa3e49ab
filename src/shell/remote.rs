//! The keys of a verifier, where a server publishes them: what the facade, which fetches, asks and reports.

use std::cell::RefCell;

use js_sys::{Array, Function, JsString};
use wasm_bindgen::prelude::*;

use super::error::{caused, set};
use super::options::Options;
use super::verifier::Verifier;
use crate::core::error::{Code, Error};
use crate::core::token::remote::{self, Answer, Need, Settings, is_trustworthy};

#[wasm_bindgen]
extern "C" {
    type Url;

    #[wasm_bindgen(constructor, js_class = URL, catch)]
    fn new(url: &str) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn href(this: &Url) -> String;
}

/// Keys that are fetched, and from where.
pub(super) struct Remote {
    pub(super) state: RefCell<remote::Remote>,
    url: String,
    timeout: f64,
    fetch: Option<Function>,
}

const NAMES: &[&str] = &["url", "ttl", "cooldown", "timeout", "staleIfError", "fetch"];

/// Longer than any of these durations can usefully be, in seconds: thirty years.
const LONG: f64 = 1e9;
/// Ten minutes, in seconds.
const LONG_WAIT: f64 = 600.0;

/// Reads the option `keys` as the description of a remote set; `None` where it is something else.
pub(super) fn read(options: &Options) -> Result<Option<Remote>, Error> {
    if options.part("keys").value("url").is_none() {
        return Ok(None);
    }
    let Some(keys) = options.nested("keys", NAMES)? else { return Ok(None) };
    let url = keys.string("url")?.and_then(|url| Url::new(&url).ok()).map(|url| url.href());
    let url = url.filter(|href| is_trustworthy(href));
    let url = url.ok_or_else(|| {
        keys.wrong("url", "this must be an https URL without a password, or http on localhost")
    })?;
    let mut settings = Settings::default();
    let seconds = |name, least, most, setting: &mut f64| {
        keys.number(name, least, most).map(|given| *setting = given.unwrap_or(*setting))
    };
    seconds("ttl", 0.0, LONG, &mut settings.ttl)?;
    seconds("cooldown", 0.0, LONG, &mut settings.cooldown)?;
    seconds("timeout", 0.001, LONG_WAIT, &mut settings.timeout)?;
    seconds("staleIfError", 0.0, LONG, &mut settings.stale_if_error)?;
    let timeout = settings.timeout * 1000.0;
    let fetch = keys.function("fetch")?;
    Ok(Some(Remote { state: RefCell::new(remote::Remote::new(settings)), url, timeout, fetch }))
}

impl Verifier {
    /// Refuses to verify at once where `verify` would fetch first.
    pub(super) fn require_keys(&self, refused: Option<&str>) -> Result<(), JsValue> {
        let need = self.need(refused)?;
        if matches!(need, Need::Nothing | Need::Retry) { Ok(()) } else { Err(NOT_AT_HAND.into()) }
    }

    fn need(&self, refused: Option<&str>) -> Result<Need, JsValue> {
        let Some(remote) = self.remote() else { return Ok(Need::Nothing) };
        let now = self.now()?;
        let state = remote.state.borrow();
        Ok(match refused {
            None => state.need(now)?,
            Some(token) => state.need_for(token, &self.held().rules, now)?,
        })
    }
}

const NOT_AT_HAND: Error = Error::new(
    Code::SyncUnavailable,
    "the keys have to be fetched first, which takes a promise; await ready or verify()",
);

/// The facade's side; all of it is for verifiers whose `fetchesKeys` is true.
#[wasm_bindgen]
impl Verifier {
    /// Whether the keys are fetched.
    #[wasm_bindgen(getter, js_name = fetchesKeys)]
    pub fn fetches_keys(&self) -> bool {
        self.remote().is_some()
    }

    /// What has to happen before tokens are verified or, where `refused` is one for which there was
    /// no key, before it is worth trying again: 0 nothing, 1 a fetch, 2 a fetch in the background,
    /// 3 the end of the fetch under way.
    #[wasm_bindgen(js_name = keysNeeded)]
    pub fn keys_needed(&self, refused: Option<String>) -> Result<u8, JsValue> {
        let need = self.need(refused.as_deref())?;
        Ok(match need {
            Need::Nothing => 0,
            Need::Fetch => 1,
            Need::Retry => 2,
            Need::Wait => 3,
        })
    }

    /// Whether there are keys that may serve, fresh or not.
    #[wasm_bindgen(js_name = hasKeys)]
    pub fn has_keys(&self) -> Result<bool, JsValue> {
        let now = self.now()?;
        Ok(self.remote().is_some_and(|remote| remote.state.borrow().is_usable(now)))
    }

    /// Takes note that a fetch begins, for the sake of the token `refused` if there is one, and gives
    /// `[url, timeout in milliseconds, fetch or undefined]`.
    #[wasm_bindgen(js_name = keysAsked)]
    pub fn keys_asked(&self, refused: Option<String>) -> Result<Array, JsValue> {
        let Some(remote) = self.remote() else { return Ok(Array::new()) };
        let now = self.now()?;
        match refused {
            None => remote.state.borrow_mut().asked(now),
            Some(token) => {
                remote.state.borrow_mut().asked_for(&token, &self.held().rules, now);
            }
        }
        let fetch = remote.fetch.clone().map_or(JsValue::UNDEFINED, JsValue::from);
        Ok(Array::of3(&JsString::from(&*remote.url), &remote.timeout.into(), &fetch))
    }

    /// Takes in an answer, or throws what is wrong with it.
    #[wasm_bindgen(js_name = keysAnswered)]
    pub fn keys_answered(
        &self,
        status: u16,
        body: &[u8],
        cache_control: Option<String>,
        age: Option<String>,
    ) -> Result<(), JsValue> {
        let Some(remote) = self.remote() else { return Ok(()) };
        let mut answer = Answer::new(status, body);
        answer.cache_control = cache_control.as_deref();
        answer.age = age.as_deref();
        let read = remote.state.borrow_mut().answered(&answer, self.now()?);
        match read {
            Ok(None) => {}
            Ok(Some(keys)) => self.replace(keys),
            Err(error) => {
                let is_status = error.code == Code::JwksUnavailable;
                let thrown = JsValue::from(error);
                if is_status {
                    set(thrown.unchecked_ref(), "status", &status.into());
                }
                return Err(thrown);
            }
        }
        Ok(())
    }

    /// Takes note that a fetch failed, and gives the error: `fault` 0 the network, 1 time, 2 size,
    /// 3 a redirect.
    #[wasm_bindgen(js_name = keysFailed)]
    pub fn keys_failed(&self, fault: u8, cause: &JsValue) -> Result<JsValue, JsValue> {
        let error = match fault {
            0 => UNREACHABLE,
            1 => LATE,
            2 => TOO_LARGE,
            _ => ELSEWHERE,
        };
        if let Some(remote) = self.remote() {
            remote.state.borrow_mut().failed(error.clone(), self.now()?);
        }
        Ok(if cause.is_undefined() { error.into() } else { caused(&error, cause) })
    }
}

const UNREACHABLE: Error = Error::new(
    Code::JwksUnavailable,
    "the keys could not be fetched; is keys.url right, and does its server allow this origin (CORS)?",
);
const LATE: Error =
    Error::new(Code::JwksTimeout, "the keys were not fetched within keys.timeout seconds");
const TOO_LARGE: Error =
    Error::new(Code::JwksInvalid, "what keys.url answers is larger than 256 KiB");
const ELSEWHERE: Error = Error::new(
    Code::JwksInvalid,
    "keys.url redirects to another origin, or too often; name the last URL itself",
);
