//! What the client takes from its host, each part of it replaceable.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};

use super::globals;
use crate::core::error::Error;
use crate::core::session::Now;
use crate::shell::options::Options;

/// The parts that the option `host` replaced.
#[derive(Default)]
pub(super) struct Host {
    fetch: Option<Function>,
    now: Option<Function>,
    monotonic: Option<Function>,
    random: Option<Function>,
    set_timeout: Option<Function>,
    clear_timeout: Option<Function>,
}

const NAMES: &[&str] = &["fetch", "now", "monotonic", "random", "setTimeout", "clearTimeout"];

impl Host {
    pub(super) fn of(options: &Options) -> Result<Self, Error> {
        let Some(host) = options.nested("host", NAMES)? else { return Ok(Self::default()) };
        Ok(Self {
            fetch: host.function("fetch")?,
            now: host.function("now")?,
            monotonic: host.function("monotonic")?,
            random: host.function("random")?,
            set_timeout: host.function("setTimeout")?,
            clear_timeout: host.function("clearTimeout")?,
        })
    }

    pub(super) fn fetch(&self, input: &JsValue, init: &JsValue) -> Result<Promise, JsValue> {
        match &self.fetch {
            // Whatever it answers, a promise of it.
            Some(fetch) => fetch
                .call2(&JsValue::UNDEFINED, input, init)
                .map(|answer| Promise::resolve(&answer)),
            None => globals::fetch(input, init),
        }
    }

    pub(super) fn now(&self) -> Now {
        let wall = call(&self.now).unwrap_or_else(js_sys::Date::now);
        let monotonic = call(&self.monotonic).or_else(performance_now).unwrap_or(wall);
        Now { wall, monotonic }
    }

    /// Where jitter starts from; nothing secret depends on it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    pub(super) fn seed(&self) -> u32 {
        let random = call(&self.random).unwrap_or_else(|| self.now().wall.fract() + random());
        (random * 4_294_967_295.0) as u32
    }

    pub(super) fn set_timeout(&self, run: &Function, milliseconds: f64) -> JsValue {
        match &self.set_timeout {
            Some(set) => {
                set.call2(&JsValue::UNDEFINED, run, &milliseconds.into()).unwrap_or_default()
            }
            None => globals::set_timeout(run, milliseconds),
        }
    }

    /// Timers of a host that cannot clear them fire for nothing.
    pub(super) fn clear_timeout(&self, timer: &JsValue) {
        match (&self.clear_timeout, &self.set_timeout) {
            (Some(clear), _) => drop(clear.call1(&JsValue::UNDEFINED, timer)),
            (None, None) => globals::clear_timeout(timer),
            (None, Some(_)) => {}
        }
    }
}

fn call(function: &Option<Function>) -> Option<f64> {
    function.as_ref()?.call0(&JsValue::UNDEFINED).ok()?.as_f64()
}

fn performance_now() -> Option<f64> {
    let performance = globals::global("performance")?;
    let now: Function = globals::member(&performance, "now")?.dyn_into().ok()?;
    now.call0(&performance).ok()?.as_f64()
}

/// `Math.random`, or nothing where the host forbids it (workerd outside of a request).
fn random() -> f64 {
    let bytes = crate::shell::host::random::<4>();
    bytes.map_or(0.0, |bytes| f64::from(u32::from_le_bytes(bytes)) / 4_294_967_296.0)
}
