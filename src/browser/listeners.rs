//! What the page says of itself and of other tabs.

use std::rc::Weak;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::globals::{EventTarget, global, member};
use super::session::Inner;
use crate::core::session::Input;

/// What is listened to, until it is dropped.
#[derive(Default)]
pub(super) struct Listeners {
    listening: Vec<(EventTarget, &'static str, Function)>,
}

impl Listeners {
    /// Listens to whatever this host can say; servers say nothing.
    pub(super) fn new(inner: &Weak<Inner>) -> Self {
        let mut listeners = Self::default();
        let window = js_sys::global();
        if member(&window, "addEventListener").is_some() {
            listeners.add(&window, "online", inner, |_, _| Some(Input::Online));
            listeners.add(&window, "storage", inner, stored);
            listeners.add(&window, "pageshow", inner, |_, _| Some(Input::StorageChanged));
        }
        if let Some(document) = global("document") {
            listeners.add(&document, "visibilitychange", inner, |_, _| Some(Input::Wake));
        }
        listeners
    }

    fn add(
        &mut self,
        target: &JsValue,
        event: &'static str,
        inner: &Weak<Inner>,
        input: fn(&Inner, &JsValue) -> Option<Input>,
    ) {
        let inner = Weak::clone(inner);
        let heard = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
            if let Some(inner) = inner.upgrade()
                && let Some(input) = input(&inner, &event)
            {
                inner.feed(input);
            }
        });
        let heard: Function = heard.into_js_value().unchecked_into();
        let target: EventTarget = target.clone().unchecked_into();
        target.listen(event, &heard);
        self.listening.push((target, event, heard));
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        for (target, event, heard) in &self.listening {
            target.unlisten(event, heard);
        }
    }
}

/// Another tab wrote to storage: to ours, to the name of the session, or away with everything.
fn stored(inner: &Inner, event: &JsValue) -> Option<Input> {
    let Some(key) = member(event, "key").and_then(|key| key.as_string()) else {
        return Some(Input::StorageChanged);
    };
    let removed = member(event, "newValue").is_none();
    match key.strip_prefix(inner.storage_key())? {
        "" if removed => Some(Input::ForgottenElsewhere),
        _ => Some(Input::StorageChanged),
    }
}
