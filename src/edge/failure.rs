//! What goes wrong on the way to an answer, with what caused it outside.

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::account::refusal::{Refusal, Wire};
use crate::core::error::{Code, Error};
use crate::shell::error::{caused, set, thrown};

/// A failure of ours, perhaps with its cause, or one that is already on its way to JavaScript.
pub(super) enum Failure {
    Ours(Error),
    Caused(Error, JsValue),
    Thrown(JsValue),
}

impl Failure {
    /// The store failed; nothing is known to have changed, and asking again is safe.
    pub(super) const fn store(cause: JsValue) -> Self {
        Self::Caused(
            Error::new(Code::Store, "the store failed; nothing is lost, so try again"),
            cause,
        )
    }

    /// The error, where it is one of ours.
    pub(super) const fn error(&self) -> Option<&Error> {
        match self {
            Self::Ours(error) | Self::Caused(error, _) => Some(error),
            Self::Thrown(_) => None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Ours(refusal.error())
    }
}

impl From<JsValue> for Failure {
    fn from(thrown: JsValue) -> Self {
        Self::Thrown(thrown)
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        let (error, object) = match failure {
            Failure::Thrown(thrown) => return thrown,
            Failure::Ours(error) => {
                let object = thrown(&error);
                (error, object)
            }
            Failure::Caused(error, cause) => {
                let object = caused(&error, &cause);
                (error, object)
            }
        };
        if let Some(wire) = Wire::of(&error) {
            set(object.unchecked_ref::<Object>(), "status", &wire.status.into());
        }
        object
    }
}
