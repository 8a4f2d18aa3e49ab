//! What the facade needs to keep what was verified: the tokens and claims stay in JavaScript, where
//! a hit costs no crossing; when they hold is the core's word.

use js_sys::Function;
#[cfg(feature = "issuer")]
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::options::Options;
use super::verifier::Verifier;
use crate::core::error::Error;

/// Tokens that are kept where the option `cache` is left out: none in the module for pages.
const DEFAULT: f64 = if cfg!(feature = "issuer") { 1000.0 } else { 0.0 };
/// More would be a leak by another name.
const MOST: f64 = 1_000_000.0;

/// Reads the option `cache`: how many tokens are kept.
pub(crate) fn capacity(options: &Options) -> Result<f64, Error> {
    let Some(given) = options.value("cache") else { return Ok(DEFAULT) };
    if given == JsValue::FALSE {
        return Ok(0.0);
    }
    let is_count = |count: &f64| *count >= 0.0 && *count <= MOST && count.fract() == 0.0;
    given.as_f64().filter(is_count).ok_or_else(|| {
        options.wrong("cache", "this must be a whole number of tokens, or false for none")
    })
}

#[wasm_bindgen]
impl Verifier {
    /// How many tokens are kept.
    #[wasm_bindgen(getter)]
    pub fn capacity(&self) -> f64 {
        self.inner.capacity
    }

    /// Counts the sets of keys that there were.
    #[wasm_bindgen(getter)]
    pub fn generation(&self) -> u32 {
        self.held().generation
    }

    /// The option `now`, if it is not the host's clock.
    #[wasm_bindgen(getter)]
    pub fn clock(&self) -> Option<Function> {
        self.inner.clock.function()
    }
}

#[cfg(feature = "issuer")]
#[wasm_bindgen]
impl Verifier {
    /// Whether there is a question that is asked anew for every token that is kept.
    #[wasm_bindgen(getter)]
    pub fn asks(&self) -> bool {
        self.inner.afterwards.is_some()
    }

    /// Promises nothing, once every rule but the signature holds and the question is answered, for a
    /// token whose signature was found good with these keys.
    pub fn still(&self, token: String, per_call: &JsValue) -> Promise {
        use super::host::promise;
        let inner = std::rc::Rc::clone(&self.inner);
        let policy = inner.held().policy_of(per_call);
        promise(async move {
            inner.known(&token, policy?).await?;
            Ok(JsValue::UNDEFINED)
        })
    }
}
