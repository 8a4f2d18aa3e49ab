//! `challenge`: what to answer a refused request with.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use crate::core::error::{Code, StepUp};
use crate::core::token::challenge::{Site, challenge};
use crate::shell::options::Options;

/// The `WWW-Authenticate` value for an error; for `undefined`, the one for a request without a token.
#[wasm_bindgen(js_name = challenge)]
pub fn challenge_for(error: &JsValue, options: &JsValue) -> Result<String, JsValue> {
    let options = Options::new(options, &["realm", "resourceMetadata"])?;
    let (realm, url) = (options.string("realm")?, options.string("resourceMetadata")?);
    let site = Site { realm: realm.as_deref(), resource_metadata: url.as_deref() };
    let member = |name: &str| Reflect::get(error, &name.into()).unwrap_or_default();
    let code = member("code").as_string();
    let code = Code::ALL.iter().find(|known| code.as_deref() == Some(known.as_str()));
    Ok(challenge(code.copied(), &needed(&member("acrValues"), &member("maxAuthAge")), site)?)
}

fn needed(acr_values: &JsValue, max_auth_age: &JsValue) -> StepUp {
    let mut needed = StepUp::default();
    if let Some(values) = acr_values.dyn_ref::<Array>() {
        needed.acr_values = values.iter().filter_map(|value| value.as_string()).collect();
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let seconds = max_auth_age.as_f64().filter(|age| *age >= 0.0).map(|age| age as u32);
    needed.max_auth_age = seconds;
    needed
}
