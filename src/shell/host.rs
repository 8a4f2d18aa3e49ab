//! What the host gives: its clock, its randomness, its promises.

use std::future::Future;
use std::pin::Pin;

use js_sys::{Function, Promise};
#[cfg(feature = "issuer")]
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
#[cfg(feature = "issuer")]
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_futures::future_to_promise;

use super::error::caused;
use super::options::Options;
#[cfg(feature = "issuer")]
use crate::core::error::Code;
use crate::core::error::Error;

/// The wall clock, or the one that the option `now` gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    now: Option<Function>,
}

impl Clock {
    /// The clock of these options: their `now`, or the host's.
    pub(crate) fn of(options: &Options) -> Result<Self, Error> {
        Ok(Self { now: options.function("now")? })
    }

    /// The function that gives the time, where it is not the host's.
    pub(crate) fn function(&self) -> Option<Function> {
        self.now.clone()
    }

    /// Unix time in seconds, with its fraction.
    pub(crate) fn seconds(&self) -> Result<f64, JsValue> {
        Ok(self.milliseconds()? / 1000.0)
    }

    /// Unix time in milliseconds.
    pub(crate) fn milliseconds(&self) -> Result<f64, JsValue> {
        let Some(now) = &self.now else { return Ok(js_sys::Date::now()) };
        let wrong = Error::option("now", "now must give milliseconds since 1970, as Date.now does");
        let given = now.call0(&JsValue::UNDEFINED).map_err(|cause| caused(&wrong, &cause))?;
        given.as_f64().filter(|now| now.is_finite()).ok_or_else(|| wrong.into())
    }
}

/// Random bytes that keys and identifiers can be made of.
#[cfg(feature = "issuer")]
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    let unavailable = |_| Error::new(Code::NotSupported, "the host gives no secure random numbers");
    getrandom::fill(&mut bytes).map_err(unavailable)?;
    Ok(bytes)
}

/// A promise of what `future` comes to.
///
/// Boxed: all promises share one executor's code, instead of bringing one each.
pub(crate) fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let future: Pin<Box<dyn Future<Output = _>>> = Box::pin(future);
    future_to_promise(future)
}

/// What a callback of the user comes to: its answer, or what its promise resolves to.
#[cfg(feature = "issuer")]
pub(crate) async fn settled(answer: JsValue) -> Result<JsValue, JsValue> {
    match answer.dyn_into::<Promise>() {
        Ok(promise) => JsFuture::from(promise).await,
        Err(answer) => JsFuture::from(Promise::resolve(&answer)).await,
    }
}
