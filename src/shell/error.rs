//! Errors on their way to JavaScript: plain objects that the facade makes a `TokenError` of.

#[cfg(feature = "verifier")]
use js_sys::{JSON, Object, Reflect};
#[cfg(feature = "verifier")]
use wasm_bindgen::{JsCast, JsValue};

use crate::core::error::Error;
use crate::core::json::{Writer, quote};

/// The error as the facade takes it, as JSON: `{ code, message, retryable, claim?, reason?, option?, retryAfter?,
/// status?, maxAuthAge?, acrValues? }`.
pub(crate) fn json(error: &Error) -> String {
    let mut json = Writer::new();
    json.string("code", error.code.as_str()).string("message", error.message);
    json.bool("retryable", error.code.retryable());
    let detail = error.detail();
    for (name, text) in [
        ("claim", detail.claim.as_deref()),
        ("reason", detail.reason),
        ("option", detail.option.as_deref()),
    ] {
        if let Some(text) = text {
            json.string(name, text);
        }
    }
    let needed = detail.step_up.as_ref();
    for (name, seconds) in [
        ("retryAfter", detail.retry_after),
        ("status", detail.status.map(u32::from)),
        ("maxAuthAge", needed.and_then(|needed| needed.max_auth_age)),
    ] {
        if let Some(seconds) = seconds {
            json.int(name, i64::from(seconds));
        }
    }
    if let Some(needed) = needed.filter(|needed| !needed.acr_values.is_empty()) {
        let quoted = |value: &String| {
            let mut text = String::new();
            quote(&mut text, value);
            text
        };
        json.array("acrValues", needed.acr_values.iter().map(quoted));
    }
    json.finish()
}

/// The error as the facade takes it.
#[cfg(feature = "verifier")]
pub(crate) fn thrown(error: &Error) -> JsValue {
    // What was just written can be read.
    JSON::parse(&json(error)).unwrap_or_default()
}

#[cfg(feature = "verifier")]
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        thrown(&error)
    }
}

/// The error with what caused it, where that came from JavaScript.
#[cfg(feature = "verifier")]
pub(crate) fn caused(error: &Error, cause: &JsValue) -> JsValue {
    let object = thrown(error);
    set(object.unchecked_ref(), "cause", cause);
    object
}

/// Sets a member of an object of our own making.
#[cfg(feature = "verifier")]
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    // A plain object that nobody else has seen takes any member.
    let _ = Reflect::set(object, &name.into(), value);
}
