//! Waiting: a moment between two tries, and for what the user's own code promises, but not for ever.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: f64, argument: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Milliseconds after which a store or a callback counts as failed: clients wait 15 s in all.
const PATIENCE: f64 = 10_000.0;

/// Lets some time pass.
pub(super) async fn pause(milliseconds: f64) -> Result<(), JsValue> {
    let elapsed = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, milliseconds, &JsValue::UNDEFINED);
    });
    JsFuture::from(elapsed).await.map(drop)
}

/// What a store or a callback of the user comes to, or an error where that takes too long.
pub(super) async fn in_time(answer: JsValue) -> Result<JsValue, JsValue> {
    let mut timer = JsValue::UNDEFINED;
    let late = Promise::new(&mut |_, reject| {
        let error = js_sys::Error::new("there was no answer within 10 seconds");
        timer = set_timeout(&reject, PATIENCE, &error);
    });
    let first = JsFuture::from(Promise::race(&Array::of2(&answer, &late))).await;
    clear_timeout(&timer);
    first
}
