//! What every host has on `globalThis`, bound by name so that windows, workers and servers are alike.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    pub(super) fn fetch(input: &JsValue, init: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_name = setTimeout)]
    pub(super) fn set_timeout(run: &Function, milliseconds: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    pub(super) fn clear_timeout(timer: &JsValue);

    pub(super) type Request;

    #[wasm_bindgen(constructor, catch)]
    pub(super) fn new(input: &JsValue, init: &JsValue) -> Result<Request, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn url(this: &Request) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn headers(this: &Request) -> Headers;
    #[wasm_bindgen(method, getter)]
    pub(super) fn signal(this: &Request) -> AbortSignal;
    #[wasm_bindgen(method, catch)]
    pub(super) fn clone(this: &Request) -> Result<Request, JsValue>;

    pub(super) type Response;

    #[wasm_bindgen(method, getter)]
    pub(super) fn status(this: &Response) -> u16;
    #[wasm_bindgen(method, getter, js_name = headers)]
    pub(super) fn response_headers(this: &Response) -> Headers;
    #[wasm_bindgen(method, getter)]
    pub(super) fn body(this: &Response) -> Option<Body>;
    #[wasm_bindgen(method, catch)]
    pub(super) fn text(this: &Response) -> Result<Promise, JsValue>;

    pub(super) type Body;

    #[wasm_bindgen(method, catch)]
    pub(super) fn cancel(this: &Body) -> Result<Promise, JsValue>;

    pub(super) type Headers;

    #[wasm_bindgen(method)]
    pub(super) fn has(this: &Headers, name: &str) -> bool;
    #[wasm_bindgen(method)]
    pub(super) fn get(this: &Headers, name: &str) -> Option<String>;
    #[wasm_bindgen(method, catch)]
    pub(super) fn set(this: &Headers, name: &str, value: &str) -> Result<(), JsValue>;

    pub(super) type AbortController;

    #[wasm_bindgen(constructor)]
    pub(super) fn new() -> AbortController;
    #[wasm_bindgen(method, getter, js_name = signal)]
    pub(super) fn controlled(this: &AbortController) -> AbortSignal;
    #[wasm_bindgen(method)]
    pub(super) fn abort(this: &AbortController);

    pub(super) type AbortSignal;

    #[wasm_bindgen(method, getter)]
    pub(super) fn aborted(this: &AbortSignal) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(super) fn reason(this: &AbortSignal) -> JsValue;
    #[wasm_bindgen(method, js_name = addEventListener)]
    pub(super) fn on(this: &AbortSignal, event: &str, listener: &Function);
    #[wasm_bindgen(method, js_name = removeEventListener)]
    pub(super) fn off(this: &AbortSignal, event: &str, listener: &Function);

    pub(super) type Url;

    #[wasm_bindgen(constructor, js_class = URL, catch)]
    pub(super) fn new(url: &str, base: Option<&str>) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn origin(this: &Url) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn href(this: &Url) -> String;

    pub(super) type URLSearchParams;

    #[wasm_bindgen(constructor)]
    pub(super) fn new() -> URLSearchParams;
    #[wasm_bindgen(method)]
    pub(super) fn append(this: &URLSearchParams, name: &str, value: &str);

    /// `localStorage`.
    pub(super) type Storage;

    #[wasm_bindgen(method, catch, getter)]
    pub(super) fn length(this: &Storage) -> Result<u32, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) fn key(this: &Storage, index: u32) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getItem)]
    pub(super) fn get_item(this: &Storage, key: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setItem)]
    pub(super) fn set_item(this: &Storage, key: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeItem)]
    pub(super) fn remove_item(this: &Storage, key: &str) -> Result<(), JsValue>;

    pub(super) type EventTarget;

    #[wasm_bindgen(method, js_name = addEventListener)]
    pub(super) fn listen(this: &EventTarget, event: &str, listener: &Function);
    #[wasm_bindgen(method, js_name = removeEventListener)]
    pub(super) fn unlisten(this: &EventTarget, event: &str, listener: &Function);
}

/// A member of `of`; `None` where it is missing, nullish, or forbidden to look at.
pub(super) fn member(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = js_sys::Reflect::get(of, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// A global that not every host has.
pub(super) fn global(name: &str) -> Option<JsValue> {
    member(&js_sys::global(), name)
}
