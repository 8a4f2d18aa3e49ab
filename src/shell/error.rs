//! Errors on their way to JavaScript: plain objects that the facade makes a `TokenError` of.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::core::error::Error;

/// The error as the facade takes it: `{ code, message, retryable, claim?, reason?, option?, retryAfter?,
/// maxAuthAge?, acrValues? }`.
pub(crate) fn thrown(error: &Error) -> JsValue {
    let object = Object::new();
    set(&object, "code", &error.code.as_str().into());
    set(&object, "message", &error.message.into());
    set(&object, "retryable", &error.code.retryable().into());
    if let Some(claim) = &error.claim {
        set(&object, "claim", &(&**claim).into());
    }
    if let Some(reason) = error.reason {
        set(&object, "reason", &reason.into());
    }
    if let Some(option) = &error.option {
        set(&object, "option", &(&**option).into());
    }
    if let Some(seconds) = error.retry_after {
        set(&object, "retryAfter", &seconds.into());
    }
    if let Some(needed) = &error.step_up {
        if let Some(seconds) = needed.max_auth_age {
            set(&object, "maxAuthAge", &seconds.into());
        }
        if !needed.acr_values.is_empty() {
            let values = needed.acr_values.iter().map(JsValue::from).collect::<Array>();
            set(&object, "acrValues", &values);
        }
    }
    object.into()
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        thrown(&error)
    }
}

/// The error with what caused it, where that came from JavaScript.
pub(crate) fn caused(error: &Error, cause: &JsValue) -> JsValue {
    let object = thrown(error);
    set(object.unchecked_ref(), "cause", cause);
    object
}

/// Sets a member of an object of our own making.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    // A plain object that nobody else has seen takes any member.
    let _ = Reflect::set(object, &name.into(), value);
}
