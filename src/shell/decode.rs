//! `decode` and `expiresIn`: reading tokens that nobody has verified.

use wasm_bindgen::prelude::*;

use super::host::Clock;
use super::options::Options;
use crate::core::token::claims;

/// `{"header":…,"claims":…}` of a token that is **not** verified.
#[wasm_bindgen]
pub fn decode(token: &str) -> Result<String, JsValue> {
    let token = claims::decode(token)?;
    let payload = std::str::from_utf8(token.payload()).unwrap_or("{}");
    Ok(joined(token.header_json(), payload))
}

/// The seconds that a token has left, negative once expired, `undefined` without `exp`.
#[wasm_bindgen(js_name = expiresIn)]
pub fn expires_in(token: &str, options: &JsValue) -> Result<Option<f64>, JsValue> {
    let clock = Clock::of(&Options::new(options, &["now"])?)?;
    Ok(claims::expires_in(token, clock.seconds()?)?)
}

/// Two strict JSON objects as one, so that they cross to JavaScript together.
pub(crate) fn joined(header: &str, claims: &str) -> String {
    ["{\"header\":", header, ",\"claims\":", claims, "}"].concat()
}
